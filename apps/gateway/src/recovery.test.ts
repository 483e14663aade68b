import { join } from "node:path";
import { generateSecret, generateTestHeaders } from "@hooks/signing";
import {
  type App,
  createTemporaryFolder,
  type RedisServer,
  type Sink,
  startRedis,
  startRedisCluster,
  startSink,
  until,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { startGatewayProcess } from "./test-support/gateway-process.ts";

const secret = generateSecret();
const folder = createTemporaryFolder("hooks-gateway-recovery");
const patience = { timeoutMs: 60_000 };
let sink: Sink;
let app: App;
let url: string;
beforeEach(async () => {
  sink = await startSink();
});
afterEach(async () => {
  await app.kill();
  await sink.close();
});
afterAll(() => folder.remove());

async function start(inboxUrl: string, sources: readonly string[] = ["billing"]): Promise<void> {
  const source = `{ provider: standard-webhooks, secrets: ["${secret}"], destinations: [orders], rateLimit: { perSecond: 5000 } }`;
  const config = `sources:\n${sources.map((name) => `  ${name}: ${source}\n`).join("")}destinations:\n  orders: { type: http, url: "${sink.url}" }\n`;
  ({ app, url } = await startGatewayProcess({ folder: folder.path, config, inboxUrl }));
}

async function send(id: string, source = "billing"): Promise<number> {
  const body = '{"type":"invoice.paid"}';
  const headers = { ...generateTestHeaders({ body, secret, id }) };
  const response = await fetch(`${url}/in/${source}`, { method: "POST", body, headers });
  await response.arrayBuffer();
  return response.status;
}

const sendMany = (prefix: string, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => send(`${prefix}${index}`)));
/** Sends ten events to each of several sources; gives what statuses there were. */
async function sendRound(name: string, sources: readonly string[]): Promise<readonly number[]> {
  const ids = Array.from({ length: 10 }, (_, index) => `${name}-${index}`);
  const all = sources.flatMap((source) => ids.map((id) => send(`${source}-${id}`, source)));
  return [...new Set(await Promise.all(all))];
}

const arrived = (prefix: string) => {
  const ids = sink.requests.map(({ headers }) => String(headers["hooks-event-id"]));
  return new Set(ids.filter((id) => id.startsWith(prefix))).size;
};

/** What it says of trouble while it runs, single requests and attempts apart. */
const troubles = () =>
  app
    .output()
    .split("\n")
    .filter((line) => /"level":"(?:error|warn)"/.test(line))
    .flatMap((line) => /"msg":"(?!request"|attempt"|self-check)([^"]*)"/.exec(line)?.[1] ?? []);

describe("a gateway whose destination hangs", () => {
  it("acknowledges all the same", async () => {
    sink.script([{ fault: "hang" }]);
    await start(`sqlite:${join(folder.path, "hanging.db")}`);
    expect(new Set(await sendMany("a", 300))).toEqual(new Set([202]));
    await until(() => sink.requests.length === 64, patience);
    expect(new Set(await sendMany("b", 300))).toEqual(new Set([202]));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('hooks_gateway_inbox_waiting{source="billing"} 600');
    expect(sink.requests).toHaveLength(64);
  });
});

describeWithServer("redis", "a gateway whose Redis", () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.stop());

  it("is emptied while it runs takes and delivers as before, without a word in vain", async () => {
    await start(redis.url);
    expect(new Set(await sendMany("before", 20))).toEqual(new Set([202]));
    await until(() => arrived("before") === 20, patience);
    const client = new Redis(redis.url);
    for (const round of ["one", "two"]) {
      await client.flushall();
      expect(new Set(await sendMany(`${round}-`, 20))).toEqual(new Set([202]));
      await until(() => arrived(`${round}-`) === 20, patience);
    }
    client.disconnect();
    // Lines are written now and then, and at the end.
    expect(await app.terminate()).toBe(0);
    expect(troubles()).toEqual([]);
  });

  it("comes back with nothing takes and delivers again, and makes few words of it", async () => {
    await start(redis.url);
    expect(await send("before")).toBe(202);
    await until(() => arrived("before") === 1, patience);
    await redis.restartWith(Buffer.alloc(0));
    await until(async () => (await send("after")) < 300, patience);
    await until(() => arrived("after") === 1, patience);
    // Gone with the rest: its sender may have it taken again.
    expect(await send("before")).toBe(202);
    expect(await app.terminate()).toBe(0);
    // As often as there was an end to it, and not for every look.
    expect(troubles().length).toBeLessThanOrEqual(2);
    expect(troubles().filter((message) => message !== "inbox unavailable")).toEqual([]);
  });
});

describeWithServer("redis", "a gateway on a Redis Cluster", () => {
  it("goes on with the sources of other nodes while one is gone, and with all when it is back", async () => {
    const cluster = await startRedisCluster();
    const hosts = cluster.urls.map((one) => new URL(one).host).join(",");
    const owners = new Map<RedisServer, string>();
    for (let n = 0; owners.size < 3; n++) owners.set(await cluster.ownerOf(`hooks:{s${n}}:entries`), `s${n}`);
    const [[node, gone = ""] = [], ...others] = owners;
    await start(`redis://${hosts}?cluster=true`, [...owners.values()]);
    const present = others.map(([, source]) => source);
    expect(await sendRound("before", [gone, ...present])).toEqual([202]);
    await node?.kill();
    // Limits that the node had are kept in memory for as long.
    expect(await sendRound("without", [gone])).toEqual([503]);
    expect(await sendRound("without", present)).toEqual([202]);
    for (const source of present) await until(() => arrived(`${source}-without`) === 10, patience);
    await node?.restart();
    await until(async () => (await send(`${gone}-back`, gone)) < 300, patience);
    await until(() => arrived(`${gone}-`) === 11, patience);
    await app.terminate();
    await cluster.stop();
  });
});
