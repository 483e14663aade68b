import { once } from "node:events";
import { request, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { contracts as ownContracts } from "@hooks/contracts/producer";
import { type Contracts, createSender, type Sender, type WorkerSettings } from "@hooks/sender";
import { createSqliteStore } from "@hooks/sender/sqlite";
import { createTemporaryFolder } from "@hooks/testkit";
import { pino } from "pino";
import { createApp } from "../app.ts";
import { createReport } from "../log-report.ts";
import { createMetrics } from "../metrics.ts";
import { createLimit } from "../rate-limit.ts";
import { createHttpServer } from "../server.ts";
import { checkAnswer } from "./check-answer.ts";

export const ADMIN_KEY = "test-key-0123456789-0123456789-0123456789";

/** No endpoint answers later than that, whatever else the machine does. */
const PATIENCE_MS = 60_000;

export interface TestApiOptions {
  /** Default: a new one, removed at the end. */
  readonly folder?: string;
  /** Default: too many to be met. */
  readonly requestsPerWindow?: number;
  readonly worker?: WorkerSettings;
  /** Default: those of this repository. */
  readonly contracts?: Contracts;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as they are. */
  readonly bytes?: string | Uint8Array;
  /** Over those that are usual; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // What was asked for is known to the test that asked.
  readonly json: JsonAnswer;
}

// oxlint-disable-next-line typescript/no-explicit-any -- Tests compare members of answers by value.
type JsonAnswer = any;

/** The whole API on a real socket, its store a real file. */
export interface TestApi {
  readonly url: string;
  readonly port: number;
  readonly sender: Sender;
  readonly log: readonly string[];
  call(method: string, path: string, options?: CallOptions): Promise<TestAnswer>;
  /** From now on it is shutting down. */
  leave(): void;
  /** Ends it; its folder stays when it was given. */
  close(): Promise<void>;
}

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const { requestsPerWindow = 1_000_000, worker = {}, contracts = ownContracts } = options;
  const temporary = options.folder === undefined ? createTemporaryFolder() : undefined;
  const path = join(options.folder ?? temporary?.path ?? "", "sender.db");
  const metrics = createMetrics();
  const lines: string[] = [];
  const serializers = { error: pino.stdSerializers.err };
  const log = pino({ level: "debug", serializers }, { write: (line: string) => void lines.push(line) });
  const sender = createSender({
    store: createSqliteStore({ path }),
    contracts,
    http: {
      allowCidrs: ["127.0.0.0/8"],
      allowHttp: true,
      timeoutMs: PATIENCE_MS,
      connectTimeoutMs: PATIENCE_MS,
    },
    worker,
    report: createReport(log, metrics),
  });
  let isOpen = true;
  const app = createApp({
    sender,
    metrics,
    adminKey: ADMIN_KEY,
    requests: createLimit({ name: "requests", points: requestsPerWindow, windowSeconds: 60 }),
    failures: createLimit({ name: "failures", points: 10, windowSeconds: 60 }),
    log,
    isOpen: () => isOpen,
  });
  const server = createHttpServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  await sender.start();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sender,
    log: lines,
    call: (method, path, callOptions = {}) => call({ port, method, path }, callOptions),
    leave: () => (isOpen = false),
    async close() {
      server.close();
      server.closeAllConnections();
      await sender.stop({ timeoutMs: 1_000 }).catch(() => undefined);
      temporary?.remove();
    },
  };
}

interface Target {
  readonly port: number;
  readonly method: string;
  readonly path: string;
}

async function call(target: Target, { json, bytes, headers = {} }: CallOptions): Promise<TestAnswer> {
  const body = bytes ?? (json === undefined ? undefined : JSON.stringify(json));
  const usual = {
    authorization: `Bearer ${ADMIN_KEY}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const given = Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== undefined);
  const sent = request({ ...target, host: "127.0.0.1", headers: Object.fromEntries(given), agent: false });
  sent.end(body);
  const [response] = await once(sent, "response");
  let text = "";
  for await (const chunk of response) text += String(chunk);
  const isJson = String(response.headers["content-type"]).includes("json");
  const answer: TestAnswer = {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: isJson && text !== "" ? JSON.parse(text) : undefined,
  };
  checkAnswer(target, answer);
  return answer;
}
