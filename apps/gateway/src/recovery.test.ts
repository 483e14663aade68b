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
import { type Answer, answerOf, sendUntilTaken } from "./test-support/send-until-taken.ts";

const secret = generateSecret();
const folder = createTemporaryFolder("hooks-gateway-recovery");
const patience = { timeoutMs: 60_000 };
/** The most that a destination may take. */
const deliveryMs = 30_000;
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
  const config = `sources:\n${sources.map((name) => `  ${name}: ${source}\n`).join("")}destinations:\n  orders: { type: http, url: "${sink.url}", timeoutMs: ${deliveryMs} }\n`;
  ({ app, url } = await startGatewayProcess({ folder: folder.path, config, inboxUrl }));
}

async function send(id: string, source = "billing"): Promise<Answer> {
  const body = '{"type":"invoice.paid"}';
  const headers = { ...generateTestHeaders({ body, secret, id }) };
  return answerOf(await fetch(`${url}/in/${source}`, { method: "POST", body, headers }));
}

/** Sends as providers do: again what Redis was too late for. */
const take = (id: string, source?: string) => sendUntilTaken(() => send(id, source));
const isTaken = async (...given: Parameters<typeof send>) => (await send(...given)).status < 300;
const takeMany = (prefix: string, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => take(`${prefix}${index}`)));
const idsOf = (source: string, name: string) =>
  Array.from({ length: 10 }, (_, index) => `${source}-${name}-${index}`);
/** Has ten events taken of each of several sources; gives what statuses there were. */
async function takeRound(name: string, sources: readonly string[]): Promise<readonly number[]> {
  const all = sources.flatMap((source) => idsOf(source, name).map((id) => take(id, source)));
  return [...new Set(await Promise.all(all))];
}

const arrived = (prefix: string) => {
  const ids = sink.requests.map(({ headers }) => String(headers["hooks-event-id"]));
  return new Set(ids.filter((id) => id.startsWith(prefix))).size;
};

/** What it says of trouble while it runs, single requests and attempts apart, and that a server took its time. */
const troubles = () =>
  app
    .output()
    .split("\n")
    .filter((line) => /"level":"(?:error|warn)"/.test(line) && !/timed out|No answer within/.test(line))
    .flatMap((line) => /"msg":"(?!request"|attempt"|self-check)([^"]*)"/.exec(line)?.[1] ?? []);

describe("a gateway whose destination hangs", () => {
  it("acknowledges all the same", async () => {
    sink.script([{ fault: "hang" }]);
    await start(`sqlite:${join(folder.path, "hanging.db")}`);
    const startedMs = performance.now();
    expect(new Set(await takeMany("a", 300))).toEqual(new Set([202]));
    await until(() => sink.requests.length >= 64, patience);
    expect(new Set(await takeMany("b", 300))).toEqual(new Set([202]));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('hooks_gateway_inbox_waiting{source="billing"} 600');
    // Further ones come only when the first have been given up.
    const rounds = 1 + Math.floor((performance.now() - startedMs) / deliveryMs);
    expect(sink.requests.length).toBeLessThanOrEqual(64 * rounds);
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
    expect(new Set(await takeMany("before", 20))).toEqual(new Set([202]));
    await until(() => arrived("before") === 20, patience);
    const client = new Redis(redis.url);
    for (const round of ["one", "two"]) {
      await client.flushall();
      expect(new Set(await takeMany(`${round}-`, 20))).toEqual(new Set([202]));
      await until(() => arrived(`${round}-`) === 20, patience);
    }
    client.disconnect();
    // Lines are written now and then, and at the end.
    expect(await app.terminate()).toBe(0);
    expect(troubles()).toEqual([]);
  });

  it("comes back with nothing takes and delivers again, and makes few words of it", async () => {
    await start(redis.url);
    expect(await take("before")).toBe(202);
    await until(() => arrived("before") === 1, patience);
    await redis.restartWith(Buffer.alloc(0));
    await until(() => isTaken("after"), patience);
    await until(() => arrived("after") === 1, patience);
    // Gone with the rest: its sender may have it taken again.
    expect(await take("before")).toBe(202);
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
    expect(await takeRound("before", [gone, ...present])).toEqual([202]);
    await node?.kill();
    // Limits that the node had are kept in memory for as long.
    const refused = idsOf(gone, "without").map((id) => send(id, gone));
    expect(new Set((await Promise.all(refused)).map(({ status }) => status))).toEqual(new Set([503]));
    expect(await takeRound("without", present)).toEqual([202]);
    for (const source of present) await until(() => arrived(`${source}-without`) === 10, patience);
    await node?.restart();
    await until(() => isTaken(`${gone}-back`, gone), patience);
    await until(() => arrived(`${gone}-`) === 11, patience);
    await app.terminate();
    await cluster.stop();
  });
});
