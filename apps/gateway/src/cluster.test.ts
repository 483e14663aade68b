import { createHmac } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { Agent, request as sendRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import {
  type App,
  createTemporaryFolder,
  type RedisServer,
  type Sink,
  spawnApp,
  startRedis,
  startSink,
  until,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { gatewayMain, loopback, startGatewayProcess } from "./test-support/gateway-process.ts";
import { type Answer, codeIn, sendUntilTaken } from "./test-support/send-until-taken.ts";

/** Three processes take a while to begin where others want the cores, too. */
const patience = { timeoutMs: 60_000 };
const secret = generateSecret();
const folder = createTemporaryFolder("hooks-gateway-cluster");
let sink: Sink;
let running: App | undefined;
beforeEach(async () => {
  sink = await startSink();
});
afterEach(async () => {
  await running?.kill();
  running = undefined;
  await sink.close();
});
afterAll(() => folder.remove());

const source = (limit: string) =>
  `{ provider: standard-webhooks, secrets: ["${secret}"], destinations: [orders], rateLimit: ${limit} }`;
const wide = "{ perSecond: 5000 }";
const configOf = (sources: Readonly<Record<string, string>>) =>
  `sources:\n${Object.entries(sources)
    .map(([name, one]) => `  ${name}: ${one}\n`)
    .join("")}destinations:\n  orders: { type: http, url: "${sink.url}" }\n`;

/** As a deployment does it: a file is never seen half written. */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

async function start(inboxUrl: string, { args = ["--workers", "2"], more = "", limit = wide } = {}) {
  const config = configOf({ billing: source(limit) }) + more;
  const started = await startGatewayProcess({ folder: folder.path, config, inboxUrl, args });
  running = started.app;
  return started;
}

interface Sending {
  readonly id: string;
  readonly path?: string;
  readonly agent?: Agent | false;
}

/** Sends, by default on a connection of its own, so that any worker may get it; 0 when there was no answer. */
const send = async (port: number, sending: Sending) => (await ask(port, sending)).status;

/** Sends again what the inbox was too late for. */
const take = (port: number, sending: Sending) => sendUntilTaken(() => ask(port, sending));

function ask(port: number, { id, path = "billing", agent = false }: Sending): Promise<Answer> {
  const body = Buffer.from('{"type":"invoice.paid"}');
  const headers = { ...generateTestHeaders({ body, secret, id }), "content-length": String(body.length) };
  return new Promise((resolve) => {
    const request = sendRequest({
      port,
      host: "127.0.0.1",
      path: `/in/${path}`,
      method: "POST",
      headers,
      agent,
    });
    let status = 0;
    request.on("response", (response) => {
      status = response.statusCode ?? 0;
      text(response).then(
        (body) => resolve({ status, code: codeIn(body) }),
        () => resolve({ status, code: undefined }),
      );
    });
    request.on("error", () => resolve({ status, code: undefined }));
    request.end(body);
  });
}

/** What is said when the inbox took too long. */
const late = "queue_unavailable";

/** On a connection of its own; gives the status, `late`, or why there is none. */
async function sendAnew(port: number): Promise<string> {
  const body = '{"type":"invoice.paid"}';
  const headers = { ...generateTestHeaders({ body, secret }), "content-length": String(body.length) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect({ port, host: "127.0.0.1" });
  socket.write(
    `POST /in/billing HTTP/1.1\r\nhost: here\r\nconnection: close\r\n${lines.join("")}\r\n${body}`,
  );
  return text(socket).then(
    (answer) => (codeIn(answer) === late ? late : (/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? "closed")),
    (error: NodeJS.ErrnoException) => error.code ?? String(error),
  );
}

const idsOf = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const sendMany = (port: number, count: number, prefix = "e") =>
  Promise.all(idsOf(count, prefix).map((id) => send(port, { id })));
const takeMany = (port: number, count: number, prefix = "e") =>
  Promise.all(idsOf(count, prefix).map((id) => take(port, { id })));

const hasRefused = ({ output }: App, worker: number) =>
  new RegExp(`"worker":${worker},.*"outcome":"rate_limited"`).test(output());

/** Sends until each of two workers has refused for the limit, so that there is nothing left of it; gives all answers. */
async function exhaust(port: number, app: App): Promise<readonly number[]> {
  const statuses: number[] = [];
  await until(async () => {
    statuses.push(...(await sendMany(port, 50, `e${statuses.length}-`)));
    return hasRefused(app, 1) && hasRefused(app, 2);
  }, patience);
  return statuses;
}

const sqlite = () => `sqlite:${join(folder.path, `${Math.random()}.db`)}`;
const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

async function accepted(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/requests_total\{source="billing",outcome="accepted"\} (\d+)/.exec(text)?.[1] ?? 0);
}

describe("the gateway in several processes", () => {
  it("shares requests out, counts them together and delivers each once", async () => {
    const { app, url, port } = await start(sqlite());
    expect(await takeMany(port, 60)).toEqual(Array.from({ length: 60 }, () => 202));
    const again = await takeMany(port, 60);
    // One that was sent a third time counts as taken.
    expect(again.filter((status) => status !== 200 && status !== 202)).toEqual([]);
    await sink.received(60, patience.timeoutMs);
    // A worker that takes too long to answer counts with what it said before.
    await until(async () => (await accepted(url)) === 60, patience);
    for (let index = 0; index < 4; index += 1) expect(await accepted(url)).toBe(60);
    await until(() => /"worker":1/.test(app.output()) && /"worker":2/.test(app.output()), patience);
    expect(await app.terminate()).toBe(0);
    expect(sink.requests).toHaveLength(60);
    const lines = app.output().trim().split("\n");
    expect(lines.filter((line) => !line.startsWith("{") || !line.endsWith("}"))).toEqual([]);
  });

  it("shares a source's limit exactly", async () => {
    const { port } = await start(sqlite(), { limit: "{ perSecond: 1, burst: 240 }" });
    const statuses = await sendMany(port, 300);
    expect(statuses.filter((status) => status === 429)).toHaveLength(60);
  });

  it("begins a worker that died again, goes on meanwhile, and forgets no count", async () => {
    const { app, url, port } = await start(sqlite());
    await takeMany(port, 20);
    await until(async () => (await accepted(url)) === 20, patience);
    const [victim = 0] = childrenOf(app.pid);
    process.kill(victim, "SIGKILL");
    await until(() => app.output().includes("a worker ended and is begun again"), patience);
    expect(await takeMany(port, 20, "f")).toEqual(Array.from({ length: 20 }, () => 202));
    await until(() => childrenOf(app.pid).length === 2, patience);
    await until(async () => (await accepted(url)) === 40, patience);
    await sink.received(40, patience.timeoutMs);
    expect(await app.terminate()).toBe(0);
  });

  it("answers every request that it has been sent before it ends", async () => {
    const { app, port } = await start(sqlite());
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    const ending = new AbortController();
    const ask = (id: string) => send(port, { id, agent });
    const client = async (name: number) => {
      const answers = [];
      for (let index = 0; !ending.signal.aborted; index += 1) answers.push(await ask(`c${name}-${index}`));
      return answers;
    };
    const clients = Array.from({ length: 50 }, (_, name) => client(name));
    await sink.received(200, patience.timeoutMs);
    app.signal("SIGTERM");
    await until(() => app.output().includes('"stopping"'), patience);
    ending.abort();
    const answers = (await Promise.all(clients)).flat();
    expect((await app.exited).code).toBe(0);
    // What came into a connection that was closed already was never received, and its sender tries again.
    expect([...new Set(answers)].filter((status) => ![202, 503, 0].includes(status))).toEqual([]);
    const taken = app.output().split('"outcome":"accepted"').length - 1;
    expect(answers.filter((status) => status === 202)).toHaveLength(taken);
    agent.destroy();
  });

  it("answers everybody who has connected before it ends", async () => {
    const { app, port } = await start(sqlite());
    const answers: string[] = [];
    const client = async () => {
      while (!answers.includes("ECONNREFUSED")) answers.push(await sendAnew(port));
    };
    const clients = Array.from({ length: 50 }, client);
    await sink.received(100, patience.timeoutMs);
    app.signal("SIGTERM");
    await Promise.all(clients);
    expect((await app.exited).code).toBe(0);
    const inTime = answers.filter((answer) => answer !== late);
    expect([...new Set(inTime)].toSorted()).toEqual(["202", "ECONNREFUSED"]);
  });

  it("says that it is not ready while it still takes requests", async () => {
    const { app, url, port } = await start(sqlite(), { more: "stopDelayMs: 10000\n" });
    app.signal("SIGTERM");
    await until(async () => (await fetch(`${url}/readyz`)).status === 503, { ...patience, everyMs: 20 });
    expect(await take(port, { id: "late" })).toBe(202);
    expect((await app.exited).code).toBe(0);
  });

  it("says when its port is taken, and what --workers must be", async () => {
    const { port, file } = await start(sqlite());
    const env = { ...loopback, HOOKS_CONFIG: file, PORT: String(port), INBOX_URL: sqlite() };
    const readyUrl = "http://127.0.0.1:1/";
    const run = (args: string[]) =>
      spawnApp({ main: gatewayMain, args, env, readyUrl, readyWithinMs: patience.timeoutMs }).then(
        String,
        (error: Error) => error.message,
      );
    const taken = await run(["--workers", "2"]);
    expect(taken.split("\n").filter((line) => line.startsWith("gateway: "))).toEqual([
      `gateway: Port ${port} of 127.0.0.1 is taken; set PORT`,
    ]);
    expect(await run(["--workers", "many"])).toContain("--workers: expected a number from 1 to 64, or auto");
  });
});

describe.each([
  ["one process", []],
  ["two", ["--workers", "2"]],
])("a new configuration in %s", (_, args) => {
  it("is gone over to without dropping a request, and not at all when it is wrong", async () => {
    const { app, port, file } = await start(sqlite(), { args });
    const ending = new AbortController();
    const client = async (name: number) => {
      const statuses = new Set<number>();
      for (let index = 0; !ending.signal.aborted; index += 1)
        statuses.add(await take(port, { id: `c${name}-${index}` }));
      return [...statuses];
    };
    const clients = Array.from({ length: 4 }, (_, name) => client(name));
    const both = { billing: source(wide), shipping: source(wide) };
    write(file, configOf(both));
    await until(async () => (await send(port, { id: "s", path: "shipping" })) < 300, patience);
    write(file, configOf({ billing: "{ provider: nobody }" }));
    await until(() => app.output().includes("the old one stays"), patience);
    expect(app.output()).toContain("sources.billing.provider");
    expect(await take(port, { id: "t", path: "shipping" })).toBe(202);
    write(file, configOf({ billing: source(wide) }));
    app.signal("SIGHUP");
    await until(async () => (await send(port, { id: "u", path: "shipping" })) === 404, patience);
    ending.abort();
    expect(await Promise.all(clients)).toEqual(Array.from({ length: 4 }, () => [202]));
    expect(await app.terminate()).toBe(0);
  });
});

describe("a secret that a provider says", () => {
  it("is kept in its file and counts from then on", async () => {
    const secrets = join(folder.path, "asana");
    const asana = `{ provider: asana, secretsFrom: ${secrets}, settings: { awaitSecret: true } }`;
    const config = `sources:\n  tasks: ${asana}\n`;
    const { app, url } = await startGatewayProcess({ folder: folder.path, config });
    running = app;
    const told = await fetch(`${url}/in/tasks`, {
      method: "POST",
      headers: { "x-hook-secret": "b537207f20cbfa02" },
    });
    expect([told.status, told.headers.get("x-hook-secret")]).toEqual([200, "b537207f20cbfa02"]);
    expect(readFileSync(secrets, "utf8")).toBe("b537207f20cbfa02\n");
    await until(() => app.output().includes("configuration reloaded"), patience);
    const body = '{"events":[]}';
    const signature = createHmac("sha256", "b537207f20cbfa02").update(body).digest("hex");
    const signed = await fetch(`${url}/in/tasks`, {
      method: "POST",
      body,
      headers: { "x-hook-signature": signature },
    });
    expect(signed.status).toBe(202);
    expect(app.output()).not.toContain("b537207f20cbfa02");
  });
});

describe("a new configuration for several processes", () => {
  const partly = join(folder.path, "partly.mjs");
  it("counts as reloaded when all have gone over to it", async () => {
    const { app, port, file } = await start(sqlite(), { args: ["--workers", "3"] });
    for (const name of ["second", "third", "fourth"]) {
      write(file, configOf({ billing: source(wide), [name]: source(wide) }));
      await until(
        () => app.output().includes(`"sources":["billing","${name}"],"msg":"configuration rel`),
        patience,
      );
      const paths = Array.from({ length: 12 }, (_, n) => take(port, { id: `${name}${n}`, path: name }));
      expect(new Set(await Promise.all(paths))).toEqual(new Set([202]));
    }
  });

  it("is taken back when one of them cannot use it, and the log says which", async () => {
    const { app, port, file } = await start(sqlite());
    writeFileSync(
      partly,
      `import cluster from "node:cluster";
      if (cluster.worker?.id === 2) throw new Error("not here");
      export const parseEvent = () => ({ ok: true });`,
    );
    const checked = source(`${wide}, contracts: warn`);
    write(file, `contracts: ${partly}\n${configOf({ billing: source(wide), more: checked })}`);
    await until(() => app.output().includes("the old one stays"), patience);
    expect(app.output()).toMatch(/"error":"Error: worker 2: Error: contracts: .* cannot be imported"/);
    expect(app.output()).not.toContain("configuration reloaded");
    const statuses = Array.from({ length: 12 }, (_, n) => send(port, { id: `e${n}`, path: "more" }));
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([404]));
    expect(await take(port, { id: "still" })).toBe(202);
  });
});

describeWithServer("redis", "several processes on Redis", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it("share a source's limit, and half of it more when Redis takes too long", async () => {
    const { app, port } = await start(redis.url, { limit: "{ perSecond: 1, burst: 100 }" });
    const statuses = await exhaust(port, app);
    const taken = statuses.filter((status) => status !== 429);
    // What Redis counts and does not say in time is lost to both; then each has its part of the half.
    expect(taken.length).toBeGreaterThanOrEqual(50);
    expect(taken.length).toBeLessThanOrEqual(150);
    expect(taken).not.toContain(0);
  });

  it("share exactly half of it while Redis says nothing", async () => {
    const { app, port } = await start(redis.url, { limit: "{ perSecond: 1, burst: 200 }" });
    redis.pause();
    const statuses = await exhaust(port, app);
    redis.resume();
    expect(statuses.filter((status) => status === 503)).toHaveLength(100);
    expect(new Set(statuses)).toEqual(new Set([503, 429]));
  });
});
