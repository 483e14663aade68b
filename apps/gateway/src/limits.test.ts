import { type RedisServer, startRedis, startRedisCluster, until } from "@hooks/testkit";
import { Cluster, Redis } from "ioredis";
import { setImmediate as turn } from "node:timers/promises";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClientLimit } from "./client-limit.ts";
import { createLimits, type Limits } from "./limits.ts";

async function admitted(limits: Limits, count: number): Promise<number> {
  const waits = await Promise.all(Array.from({ length: count }, () => limits.admit("billing")));
  return waits.filter((wait) => wait === undefined).length;
}

/** Nothing that is known of clients ends by itself, on however slow a machine. */
const timeless = () => createClientLimit(() => 0);

function flood(limits: Limits, client: string): void {
  for (let index = 0; index < 60; index++) limits.unverified(client);
}

function untilBlocked(limits: Limits, client: string): Promise<boolean> {
  return until(async () => {
    flood(limits, client);
    await turn();
    return limits.blocked(client) !== undefined;
  });
}

const sources = (perSecond: number, burst: number) => ({ billing: { rateLimit: { perSecond, burst } } });

describe("createLimits", () => {
  it("admits exactly the burst at once, then tells how long to wait", async () => {
    for (const burst of [1, 3, 7, 40, 130, 400]) {
      const limits = createLimits({ sources: sources(0.01, burst) });
      expect(await admitted(limits, burst + 50)).toBe(burst);
      const wait = await limits.admit("billing");
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(burst * 100_000);
    }
  });

  it("admits again when the window is over", async () => {
    const limits = createLimits({ sources: sources(4, 20) });
    expect(await admitted(limits, 25)).toBe(20);
    await until(async () => (await limits.admit("billing")) === undefined);
  });

  it("blocks a client after many unverified requests, and no other", async () => {
    const limits = createLimits({ sources: {}, clients: timeless() });
    await untilBlocked(limits, "192.0.2.1");
    expect(limits.blocked("192.0.2.2")).toBeUndefined();
  });

  it("never blocks a client whose requests were verified, whoever has it send forgeries", async () => {
    const limits = createLimits({ sources: {}, clients: timeless() });
    limits.verified("192.0.2.1");
    for (const client of ["192.0.2.1", "192.0.2.2"]) flood(limits, client);
    await untilBlocked(limits, "192.0.2.2");
    expect(limits.blocked("192.0.2.1")).toBeUndefined();
  });

  it("forgets a tenth of the clients it knows at once, so that not every further one has to look for the oldest", async () => {
    const limits = createLimits({ sources: {}, clients: timeless() });
    for (let client = 0; client <= 100_000; client++) limits.verified(`c${client}`);
    for (const client of ["c10001", "c10000"]) flood(limits, client);
    await untilBlocked(limits, "c10000");
    expect(limits.blocked("c10001")).toBeUndefined();
  });
});

describeWithServer("redis", "createLimits with Redis", () => {
  let redis: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.url);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  it("shares a limit exactly between processes, also one with a broken window", async () => {
    const [one, two] = [await connected(25), await connected(25)];
    const counts = await Promise.all([admitted(one, 40), admitted(two, 40)]);
    expect(counts[0]! + counts[1]!).toBe(25);
    one.close();
    two.close();
  });

  it("falls back to half of the limit while Redis hangs", async () => {
    const limits = await connected(10, { redisTimeoutMs: 100 });
    redis.pause();
    expect(await admitted(limits, 30)).toBe(5);
    redis.resume();
    limits.close();
  });

  it("asks a Redis that hangs now and then, and not for each share of a limit", async () => {
    const limits = await connected(47, { redisTimeoutMs: 100 });
    await client.del("hooks:limit:billing");
    redis.pause();
    expect(await admitted(limits, 60)).toBe(23);
    redis.resume();
    // What it was asked it does now.
    const asked = Number(await until(() => client.get("hooks:limit:billing")));
    expect(asked).toBeLessThanOrEqual(5);
    limits.close();
  });

  /** Limits that Redis counts: what it does not say within so long, on however slow a machine, is no part of a test. */
  async function connected(burst: number, { redisTimeoutMs = 60_000 } = {}): Promise<Limits> {
    const one = { ...sources(0.4, burst), first: { rateLimit: { perSecond: 20, burst: 20 } } };
    const limits = createLimits({ sources: one, redisUrl: redis.url, redisTimeoutMs });
    await until(async () => {
      await limits.admit("first");
      return client.getdel("hooks:limit:first");
    });
    return limits;
  }
});

describeWithServer("redis", "createLimits with a Redis Cluster", () => {
  it("falls back to half of a limit while its node hangs or is gone, and counts the others on", async () => {
    const cluster = await startRedisCluster();
    const hosts = cluster.urls.map((url) => new URL(url).host).join(",");
    const rateLimit = { perSecond: 0.1, burst: 10 };
    const client = new Cluster([...cluster.urls]);
    const owners = new Map<RedisServer, string>();
    for (let n = 0; owners.size < 3; n++) owners.set(await cluster.ownerOf(`hooks:limit:s${n}`), `s${n}`);
    const [first, second, third] = [...owners.values()];
    const limits = createLimits({
      sources: Object.fromEntries([...owners.values(), "warm"].map((name) => [name, { rateLimit }])),
      redisUrl: `redis://${hosts}?cluster=true`,
      redisTimeoutMs: 10_000,
    });
    const take = async (source = "") => {
      const waits = await Promise.all(Array.from({ length: 30 }, () => limits.admit(source)));
      return waits.filter((wait) => wait === undefined).length;
    };
    await until(async () => {
      await limits.admit("warm");
      return client.getdel("hooks:limit:warm");
    });
    const [hung, gone] = [...owners.keys()];
    hung?.pause();
    expect(await take(first)).toBe(5);
    hung?.resume();
    await gone?.kill();
    expect(await take(second)).toBe(5);
    expect(await take(third)).toBe(10);
    limits.close();
    client.disconnect();
    await cluster.stop();
  });
});
