import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import {
  type App,
  createTemporaryFolder,
  freePort,
  type RedisServer,
  type Sink,
  spawnApp,
  startChild,
  startRedis,
  startSink,
  until,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, sendUntilTaken } from "./test-support/send-until-taken.ts";
import {
  gatewayMain,
  type GatewayProcess,
  loopback,
  startGatewayProcess,
} from "./test-support/gateway-process.ts";

const secret = generateSecret();
const folder = createTemporaryFolder("hooks-gateway");
const apps: App[] = [];
let sink: Sink;
beforeEach(async () => {
  sink = await startSink();
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.kill()));
  await sink.close();
});
afterAll(() => folder.remove());

async function start(inboxUrl: string, { more = "" } = {}): Promise<GatewayProcess> {
  const billing = `billing: { provider: standard-webhooks, secrets: ["\${BILLING_SECRET}"], destinations: [orders], rateLimit: { perSecond: 5000 } }`;
  const slow = `slow: { provider: standard-webhooks, secrets: ["\${BILLING_SECRET}"], rateLimit: { perSecond: 1, burst: 60 } }`;
  const retry = Array(100).fill("500ms").join(", ");
  const orders = `orders: { type: http, url: "${sink.url}/events", retry: "${retry}" }`;
  const config = `sources:\n  ${billing}\n  ${slow}\ndestinations:\n  ${orders}\n${more}\n`;
  const env = { ...loopback, BILLING_SECRET: secret };
  const started = await startGatewayProcess({ folder: folder.path, config, inboxUrl, env });
  apps.push(started.app);
  return started;
}

interface Sent {
  readonly id?: string;
  readonly body?: Buffer;
  readonly source?: string;
  readonly key?: string;
  readonly headers?: Record<string, string>;
}

async function send(url: string, { id, body = Buffer.from('{"type":"invoice.paid"}'), ...rest }: Sent = {}) {
  const { source = "billing", key = secret, headers = {} } = rest;
  const signature = { ...generateTestHeaders({ body, secret: key, ...(id === undefined ? {} : { id }) }) };
  const started = performance.now();
  const response = await fetch(`${url}/in/${source}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...signature, ...headers },
  });
  const json = (await response.json()) as Record<string, unknown>;
  return { status: response.status, json, headers: response.headers, tookMs: performance.now() - started };
}

/** Sends again what Redis was too late for. */
const take = (url: string, given?: Sent) =>
  sendUntilTaken(async (): Promise<Answer> => {
    const { status, json } = await send(url, given);
    return { status, code: json["code"] as string | undefined };
  });

const sqlite = () => `sqlite:${join(folder.path, `${Math.random()}.db`)}`;

describe("the gateway", () => {
  it("accepts, deduplicates, forwards the exact bytes and ends with 0 on SIGTERM", async () => {
    const { app, url } = await start(sqlite());
    const bodies = [Buffer.from([0xff, 0, 0xfe]), Buffer.alloc(0), Buffer.from('{"type":"invoice.paid"}')];
    for (const [index, body] of bodies.entries()) {
      expect(await send(url, { id: `e${index}`, body })).toMatchObject({
        status: 202,
        json: { id: `e${index}`, duplicate: false },
      });
    }
    expect(await send(url, { id: "e0", body: bodies[0]! })).toMatchObject({
      status: 200,
      json: { duplicate: true },
    });
    const requests = await sink.received(3);
    const byId = new Map(requests.map((one) => [one.headers["hooks-event-id"], one]));
    for (const [index, body] of bodies.entries()) expect(byId.get(`e${index}`)?.body.equals(body)).toBe(true);
    expect(byId.get("e2")?.headers).toMatchObject({
      "hooks-source": "billing",
      "hooks-event-type": "invoice.paid",
      "webhook-id": "e2",
      "content-type": "application/json",
    });
    expect(byId.get("e2")?.headers["webhook-signature"]).toMatch(/^v1,/);
    expect(await app.terminate()).toBe(0);
    expect(requests).toHaveLength(3);
    expect(app.output()).not.toContain(secret);
  });

  it("answers every refusal with problem+json and without a word about itself", async () => {
    const { url } = await start(sqlite());
    const get = (path: string) => fetch(`${url}${path}`);
    const responses = [
      [await get("/in/billing"), 405],
      [await get("/nothing"), 404],
      [await get("/in/"), 404],
      [await get("/in/%ff"), 404],
      [await get("/in/billing/more"), 404],
      [await fetch(`${url}/in/billing`, { method: "POST", body: "{}" }), 401],
      [await fetch(`${url}/in/nobody`, { method: "POST", body: "{}" }), 404],
    ] as const;
    for (const [response, status] of responses) {
      expect([response.status, response.headers.get("content-type")]).toEqual([
        status,
        "application/problem+json",
      ]);
      expect(response.headers.get("x-powered-by")).toBeNull();
      expect(Object.keys((await response.json()) as object)).toEqual(
        expect.arrayContaining(["type", "title", "status", "detail", "code", "requestId"]),
      );
    }
    expect(await send(url, { key: generateSecret() })).toMatchObject({
      status: 401,
      json: { code: "signature_invalid" },
    });
    expect(await send(url, { body: Buffer.alloc(1_048_577) })).toMatchObject({ status: 413 });
    expect(await send(url, { headers: { "content-encoding": "gzip" } })).toMatchObject({ status: 415 });
  });

  it("limits a source, and tells when to come back", async () => {
    const { url } = await start(sqlite());
    const answers = await Promise.all(Array.from({ length: 62 }, () => send(url, { source: "slow" })));
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused.map(({ status }) => status)).toEqual([429, 429]);
    for (const { headers } of refused) expect(headers.get("retry-after")).toMatch(/^[1-6]?\d$/);
  });

  it("tells its health and its metrics", async () => {
    const { url } = await start(sqlite());
    await send(url);
    await sink.received(1);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('hooks_gateway_requests_total{source="billing",outcome="accepted"} 1');
    expect(text).toMatch(/hooks_gateway_inbox_waiting\{source="slow"\} 0/);
  });

  it("delivers after a kill what it had acknowledged before", async () => {
    sink.script([{ status: 500 }]);
    const inbox = sqlite();
    const first = await start(inbox);
    for (let index = 0; index < 20; index++) await send(first.url, { id: `k${index}` });
    await first.app.kill();
    sink.script([{ status: 200 }]);
    const before = sink.requests.length;
    await start(inbox);
    await until(
      () => new Set(sink.requests.slice(before).map((one) => one.headers["hooks-event-id"])).size === 20,
    );
  });

  it("answers what it has begun to receive before it ends, and refuses the rest", async () => {
    const { app, port } = await start(sqlite());
    const body = Buffer.from("{}");
    const headers = { ...generateTestHeaders({ body, secret }), "content-length": "2" };
    const upload = request({ port, host: "127.0.0.1", path: "/in/billing", method: "POST", headers });
    const answered = new Promise<number | undefined>((resolve) => {
      upload.on("response", (response) => resolve(response.resume().statusCode));
    });
    upload.write(body.subarray(0, 1));
    await until(() => fetch(`http://127.0.0.1:${port}/healthz`).then(({ ok }) => ok));
    app.signal("SIGTERM");
    await until(() =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        () => false,
        () => true,
      ),
    );
    upload.end(body.subarray(1));
    expect(await answered).toBe(202);
    expect((await app.exited).code).toBe(0);
  });

  it("takes requests to a whole URL, as clients behind a proxy send them", async () => {
    const { port } = await start(sqlite());
    const body = '{"type":"invoice.paid"}';
    const headers = {
      ...generateTestHeaders({ body, secret }),
      "content-length": body.length,
      connection: "close",
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const rest = `HTTP/1.1\r\nhost: a\r\n${lines.join("")}\r\n${body}`;
    expect(await raw(port, `POST http://a:80/in/billing?x ${rest}`)).toMatch(/^HTTP\/1.1 202 /);
    expect(await raw(port, `POST http://a/billing ${rest}`)).toMatch(/^HTTP\/1.1 404 .*"code":"not_found"/s);
  });

  it("answers broken HTTP with 400 and oversized headers with 431", async () => {
    const { port } = await start(sqlite());
    expect(await raw(port, "NONSENSE\r\n\r\n")).toMatch(/^HTTP\/1.1 400 .*"code":"bad_request"/s);
    const big = `POST /in/billing HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(17_000)}\r\n\r\n`;
    expect(await raw(port, big)).toMatch(/^HTTP\/1.1 431 .*"code":"headers_too_large"/s);
  });

  it("ends in order although nobody reads its log any more", async () => {
    const env = { ...process.env, PORT: "0", INBOX_URL: `sqlite:${join(folder.path, "unread.db")}` };
    const app = spawn(process.execPath, [gatewayMain], { env, stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(app, "exit");
    let log = "";
    for await (const chunk of app.stdout) {
      log += String(chunk);
      // Leaving the loop closes the pipe.
      if (log.includes("listening")) break;
    }
    app.kill("SIGTERM");
    const late = setTimeout(() => app.kill("SIGKILL"), 60_000);
    expect(await exited).toEqual([0, null]);
    clearTimeout(late);
  });

  it("names every fault of its configuration and ends with 1", async () => {
    const env = { PORT: "x", INBOX_URL: "nonsense", HOOKS_ALLOW_HTTP: "maybe" };
    const failed = await spawnApp({ main: gatewayMain, env, readyUrl: "http://127.0.0.1:1/" }).catch(
      (error: Error) => error,
    );
    expect(String(failed)).toMatch(/PORT: .*INBOX_URL: |INBOX_URL: .*PORT: /s);
  });

  it("says in one sentence that its port is taken", async () => {
    const { port } = await start(sqlite());
    const env = { PORT: String(port), INBOX_URL: sqlite() };
    const second = await startChild(process.execPath, [gatewayMain], { env });
    expect((await second.exited).code).toBe(1);
    expect(second.output()).toContain(`gateway: Port ${port} of 127.0.0.1 is taken; set PORT\n`);
    expect(second.output()).not.toContain("gateway.ts");
  });
});

describeWithServer("redis", "the gateway on Redis", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it("makes one entry of a hundred parallel requests with one id", async () => {
    const { url } = await start(redis.url);
    let turn = 0;
    const answers = await until(async () => {
      const id = `parallel-${(turn += 1)}`;
      const all = await Promise.all(Array.from({ length: 100 }, () => send(url, { id })));
      // Of what it was too late for nobody knows whether it was the first.
      return !all.some(({ status }) => status === 503) && all;
    });
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(99);
    await sink.received(turn);
    expect(sink.requests).toHaveLength(turn);
  });

  it("begins without an alarm about a connection that it has yet to make", async () => {
    const { app, url } = await start(redis.url);
    expect(await take(url, { id: "first" })).toBe(202);
    await until(() => app.output().includes('"msg":"attempt"'));
    const alarms = app.output().match(/.*"msg":"inbox unavailable".*/g) ?? [];
    expect(alarms.filter((line) => !/timed out|No answer within/.test(line))).toEqual([]);
  });

  it("answers 503 with Retry-After within a second while Redis hangs or is gone, and works again after", async () => {
    const { url } = await start(redis.url);
    expect(await take(url)).toBe(202);
    const troubles = [
      [() => redis.pause(), () => redis.resume()],
      [() => redis.kill(), () => redis.restart()],
    ] as const;
    const [statuses, waits] = [new Set<string>(), [] as number[]];
    for (const [index, [begin, end]] of troubles.entries()) {
      await begin();
      const id = `during-${index}`;
      // However slow the machine is, some time it is not.
      await until(async () => {
        const answers = await Promise.all([send(url, { id }), send(url, { id: `${id}-other` })]);
        for (const { status, json, headers } of answers) {
          statuses.add(`${status} ${String(json["code"])}`);
          waits.push(Number(headers.get("retry-after")));
        }
        return answers.every(({ tookMs }) => tookMs < 1_200);
      });
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
      await end();
      await until(async () => (await send(url, { id })).status < 300);
      await until(() => sink.requests.some((one) => one.headers["hooks-event-id"] === id));
    }
    expect([...statuses]).toEqual(["503 queue_unavailable"]);
    expect(Math.min(...waits)).toBeGreaterThan(0);
    const ids = sink.requests.map((one) => one.headers["hooks-event-id"]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("is not poisoned by unsigned requests with somebody's id", async () => {
    const { url } = await start(redis.url);
    await fetch(`${url}/in/billing`, { method: "POST", body: "{}", headers: { "webhook-id": "target" } });
    await send(url, { id: "target", key: generateSecret() });
    expect(await take(url, { id: "target" })).toBe(202);
  });

  it("refuses to start on a Redis that loses events, unless told to", async () => {
    const unsafe = await startRedis({ appendfsync: "everysec" });
    const failed = await start(unsafe.url).catch((error: Error) => error.message);
    expect(failed).toContain("appendfsync is everysec, must be always");
    const { url } = await start(unsafe.url, { more: "durability: relaxed" });
    expect(await take(url)).toBe(202);
    await unsafe.stop();
  });

  it("says of a Redis that is not there that it cannot be reached, not that it loses events", async () => {
    const port = await freePort();
    const failed = await start(`redis://:secret@127.0.0.1:${port}`).catch((error: Error) => error.message);
    expect(failed).toContain(`so it cannot be checked: Redis at 127.0.0.1:${port} did not answer`);
    expect(failed).toContain("ECONNREFUSED");
    expect(failed).not.toContain("secret");
    expect(failed).toContain("gateway: The inbox cannot be reached (INBOX_URL); ");
    expect(failed).not.toContain("may lose");
  });
});

function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (data) => (received += data.toString()));
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}
