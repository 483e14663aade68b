import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "./until.ts";

/** What a sink does with one request. */
export interface SinkAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds to wait before answering. */
  readonly delayMs?: number;
  /** Never answers, or cuts the connection. */
  readonly fault?: "hang" | "reset";
}

export interface SinkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly atMs: number;
}

/** An HTTP server that records what it is sent and answers as told. */
export interface Sink {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SinkRequest[];
  /** The answers to the next requests, in order; the last one (or 200) goes on for ever. */
  script(answers: readonly SinkAnswer[]): void;
  /** Answers as a function of the request, instead of a script. */
  answerWith(decide: (request: SinkRequest) => SinkAnswer): void;
  /** Resolves when so many requests have come. */
  received(count: number, timeoutMs?: number): Promise<readonly SinkRequest[]>;
  close(): Promise<void>;
}

/** Starts a sink on a free port of loopback (or on `port`). */
export async function startSink({ port = 0 }: { readonly port?: number } = {}): Promise<Sink> {
  const requests: SinkRequest[] = [];
  let decide: (request: SinkRequest) => SinkAnswer = answerOk;
  const server = createServer((request, response) => {
    void record(request)
      .then((seen) => {
        requests.push(seen);
        return answer(response, decide(seen));
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const actual = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${actual}`,
    port: actual,
    requests,
    script: (answers) => {
      let next = 0;
      decide = () => answers[Math.min(next++, answers.length - 1)] ?? {};
    },
    answerWith: (given) => (decide = given),
    received: (count, timeoutMs = 60_000) =>
      until(() => requests.length >= count && requests, { timeoutMs, what: `request number ${count}` }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const answerOk = (): SinkAnswer => ({});

async function record(request: IncomingMessage): Promise<SinkRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers,
    body: Buffer.concat(chunks),
    atMs: Date.now(),
  };
}

async function answer(response: ServerResponse, scripted: SinkAnswer): Promise<void> {
  const { status = 200, headers = {}, body = "", delayMs = 0, fault } = scripted;
  if (delayMs > 0) await wait(delayMs);
  if (fault === "hang") return;
  if (fault === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(status, headers).end(body);
}
