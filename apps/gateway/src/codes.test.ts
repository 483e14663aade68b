import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import { refusals, type RefusalCode, respond } from "@hooks/receiver";
import { createTemporaryFolder, type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import { type Config, loadConfig } from "./config.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createMetrics } from "./metrics.ts";
import { openInbox } from "./open.ts";
import { createReports } from "./report.ts";
import { createHttpServer } from "./server.ts";
import { openSetup } from "./setup.ts";
import { silentLog } from "./test-support/silent-log.ts";

const secret = generateSecret();
const folder = createTemporaryFolder("hooks-gateway-codes");
afterAll(() => folder.remove());

const standard = { provider: "standard-webhooks", secrets: [secret], rateLimit: { perSecond: 5_000 } };
const file = {
  contracts: "@hooks/contracts",
  highWaterMark: 2,
  sources: {
    billing: { ...standard, maxBodyBytes: 10_485_760 },
    full: standard,
    slow: { ...standard, rateLimit: { perSecond: 1, burst: 1 } },
    strict: { ...standard, contracts: "enforce" },
    inside: { ...standard, allowFrom: ["10.0.0.0/8"] },
    meta: { provider: "meta", secrets: ["s"], settings: { verifyToken: "mine" } },
    plaid: { provider: "plaid", secrets: ["s"], settings: { clientId: "c" } },
  },
};

function configOf(inboxUrl: string, more: object = {}): Config {
  const loaded = loadConfig({
    env: { HOOKS_CONFIG: "gateway.json", PORT: "0", INBOX_URL: inboxUrl },
    readFile: () => JSON.stringify({ ...file, ...more }),
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

interface Sent {
  readonly source?: string;
  readonly method?: string;
  readonly query?: string;
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const signed = (given: { id?: string; timestamp?: number; body?: Buffer } = {}) => {
  const body = given.body ?? Buffer.from("{}");
  return { body, headers: { ...generateTestHeaders({ secret, ...given, body }) } };
};
const withHeader = (name: string, value: string) => ({ headers: { ...signed().headers, [name]: value } });

/** Gives the code of what is answered. */
function codeOf(port: number, sent: Sent): Promise<unknown> {
  const { source = "billing", method = "POST", query = "", body = Buffer.from("{}"), headers = {} } = sent;
  return new Promise((resolve, reject) => {
    const path = `/in/${source}${query}`;
    const all = method === "GET" ? headers : { "content-length": String(body.length), ...headers };
    const asked = request(
      { port, host: "127.0.0.1", path, method, headers: all, agent: false },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          const { code, status } = JSON.parse(text) as { code?: RefusalCode; status?: number };
          if (code !== undefined)
            expect([response.statusCode, status]).toEqual([refusals[code].status, status]);
          resolve(code);
        });
      },
    );
    asked.on("error", reject);
    asked.end(method === "GET" ? undefined : body);
  });
}

/** Sends bytes as they are and gives the code of what is answered. */
function codeOfRaw(port: number, bytes: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (data) => (received += data.toString()));
    socket.on("close", () => resolve(/"code":"(\w+)"/.exec(received)?.[1]));
    socket.on("error", reject);
  });
}

/** What is answered when Redis is not too late. */
const codeInTime = (port: number, id: string) =>
  until(async () => {
    const code = await codeOf(port, signed({ id }));
    return code !== "queue_unavailable" && code;
  });

const broken = () => Promise.reject(new Error("surprise"));
const provoked = new Set<string>();
const provokes = (code: RefusalCode, provoke: () => Promise<unknown>) =>
  it(`are answered: ${code}`, async () => {
    expect(await provoke()).toBe(code);
    provoked.add(code);
  });

describe("codes of the gateway", () => {
  let gateway: Gateway;
  let port: number;
  beforeAll(async () => {
    const config = configOf(`sqlite:${folder.path}/inbox.db`);
    gateway = await createGateway({
      config,
      log: silentLog,
      fetchKey: () => Promise.reject(new Error("away")),
    });
    port = await gateway.start();
  });
  afterAll(() => gateway.stop());
  const ask = (sent: Sent) => codeOf(port, sent);

  provokes("source_not_found", () => ask({ source: "nobody" }));
  provokes("not_found", () => codeOf(port, { source: "a/b" }));
  provokes("method_not_allowed", () => ask({ method: "DELETE" }));
  provokes("ip_not_allowed", () => ask({ source: "inside", ...signed() }));
  provokes("challenge_failed", () => ask({ source: "meta", method: "GET", query: "?hub.mode=subscribe" }));
  provokes("payload_too_large", () => ask({ source: "full", ...signed({ body: Buffer.alloc(1_048_577) }) }));
  provokes("unsupported_encoding", () => ask(withHeader("content-encoding", "br")));
  provokes("signature_missing", () => ask({}));
  provokes("signature_invalid", () => ask({ ...signed(), body: Buffer.from("{ }") }));
  provokes("timestamp_out_of_tolerance", () => ask(signed({ timestamp: 1_000_000_000 })));
  provokes("invalid_event_id", () => ask(withHeader("webhook-id", "a.b")));
  provokes("event_rejected", () => ask({ source: "strict", ...signed() }));
  provokes("bad_request", () => codeOfRaw(port, "POST /in/billing HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n"));
  provokes("headers_too_large", () =>
    codeOfRaw(port, `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(17_000)}\r\n\r\n`),
  );
  provokes("request_timeout", () => codeOfRaw(port, "POST /in/billing HTTP/1.1\r\nhost: a\r\n"));
  // Until two come in the same second.
  provokes("rate_limited", () =>
    until(async () => {
      const code = await ask({ source: "slow", ...signed({ id: crypto.randomUUID() }) });
      return code === "rate_limited" && code;
    }),
  );
  it("are answered to CONNECT, and to more requests than a connection may carry", async () => {
    expect(await codeOfRaw(port, "CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n")).toBe("method_not_allowed");
    const many = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1_001);
    expect(await codeOfRaw(port, many)).toBe("rate_limited");
  });
  provokes("key_unavailable", () => {
    const header = Buffer.from('{"alg":"ES256","kid":"k"}').toString("base64url");
    const claims = Buffer.from(`{"iat":${Math.floor(Date.now() / 1_000)}}`).toString("base64url");
    return ask({
      source: "plaid",
      headers: { "plaid-verification": `${header}.${claims}.${"A".repeat(86)}` },
    });
  });
  provokes("backpressure", async () => {
    for (const id of ["one", "two"]) await ask({ source: "full", ...signed({ id }) });
    return ask({ source: "full", ...signed({ id: "three" }) });
  });
  provokes("overloaded", async () => {
    const body = Buffer.alloc(10_485_760);
    const { headers } = signed({ body });
    const head = Object.entries({ host: "a", ...headers, "content-length": String(body.length) })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    const hold = () =>
      new Promise<Socket>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => {
          socket.write(`POST /in/billing HTTP/1.1\r\n${head}\r\n`);
          socket.write(body.subarray(1), () => resolve(socket));
        });
        socket.on("error", () => resolve(socket));
      });
    // Whoever is still writing when it is refused may miss the answer.
    const isRefused = async () => (await ask({ body, headers }).catch(() => "")) === "overloaded";
    await until(async () => {
      // They are cut off when their time is over.
      const sockets = await Promise.all(Array.from({ length: 6 }, hold));
      const refused = await isRefused();
      for (const socket of sockets) socket.destroy();
      return refused;
    });
    await until(async () => !(await isRefused()));
    return "overloaded";
  });
  provokes("shutting_down", async () => {
    const config = configOf(`sqlite:${folder.path}/other.db`);
    const inbox = openInbox(config);
    const reports = createReports(silentLog, createMetrics());
    const setup = await openSetup({ config, sinceMs: Date.now(), inbox, reports });
    await setup.stop();
    const receipt = await setup.receive({ source: "billing", method: "POST", ...signed() });
    await inbox.close();
    return (JSON.parse(respond(receipt).body) as { code: string }).code;
  });
  provokes("internal_error", async () => {
    const server = createHttpServer(
      createApp({ receive: broken, isReady: broken, metrics: broken, onError: () => {} }),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const own = typeof address === "object" && address !== null ? address.port : 0;
    const answer = await fetch(`http://127.0.0.1:${own}/readyz`, { headers: { connection: "close" } });
    server.close();
    return ((await answer.json()) as { code: string }).code;
  });
});

describeWithServer("redis", "codes of the gateway on Redis", () => {
  let redis: RedisServer;
  let gateway: Gateway;
  let port: number;
  beforeAll(async () => {
    redis = await startRedis();
    gateway = await createGateway({ config: configOf(redis.url, { replicas: 1 }), log: silentLog });
    port = await gateway.start();
    await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200);
  });
  afterAll(async () => {
    await gateway.stop();
    await redis.stop();
  });

  provokes("durability_unavailable", () => codeInTime(port, "first"));
  it("are the same where the URL says how many replicas there must be", async () => {
    const other = await createGateway({ config: configOf(`${redis.url}?replicas=1`), log: silentLog });
    const own = await other.start();
    await until(async () => (await fetch(`http://127.0.0.1:${own}/readyz`)).status === 200);
    expect(await codeInTime(own, "other")).toBe("durability_unavailable");
    await other.stop();
  });
  provokes("queue_unavailable", async () => {
    redis.pause();
    const code = await codeOf(port, signed());
    redis.resume();
    return code;
  });

  it("are all there are", () => {
    const inApplications = [
      "body_already_parsed",
      "event_in_progress",
      "gone",
      "handler_failed",
      "handler_timeout",
      "retry_later",
      "unknown_version",
    ];
    const left = Object.keys(refusals).filter((code) => !provoked.has(code));
    expect(left.toSorted()).toEqual(inApplications);
  });
});
