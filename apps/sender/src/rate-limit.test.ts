import { Redis } from "ioredis";
import { startRedis } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { describe, expect, it } from "vitest";
import { createLimit, windowOf } from "./rate-limit.ts";
import { startTestApi } from "./test-support/api.ts";

describe("windowOf", () => {
  it.each([
    [
      { perSecond: 100, burst: 200 },
      { windowSeconds: 2, points: 200 },
    ],
    [
      { perSecond: 100, burst: 100 },
      { windowSeconds: 1, points: 100 },
    ],
    [
      { perSecond: 1, burst: 60 },
      { windowSeconds: 60, points: 60 },
    ],
  ])("makes of %j %j", (rate, window) => {
    expect(windowOf(rate)).toEqual(window);
  });
});

describe("throttle", () => {
  it("says with each answer what is left, and with 429 when to come again", async () => {
    const api = await startTestApi({ requestsPerWindow: 2 });
    const startedMs = performance.now();
    const first = await api.call("GET", "/v1/events");
    expect(first.headers["ratelimit-policy"]).toBe('"default";q=2;w=60');
    expect(first.headers["ratelimit"]).toBe('"default";r=1;t=60');
    await api.call("GET", "/v1/nothing");
    const { status, json, headers } = await api.call("GET", "/v1/events");
    expect([status, json.code]).toEqual([429, "rate_limited"]);
    const passedSeconds = Math.ceil((performance.now() - startedMs) / 1_000);
    expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(60 - passedSeconds);
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(60);
    expect(headers["ratelimit"]).toMatch(/^"default";r=0;t=\d+$/);
    expect((await api.call("GET", "/readyz")).status).toBe(200);
    await api.close();
  });
});

describeWithServer("redis", "createLimit with Redis", () => {
  it("counts for all processes together, and alone while Redis hangs", async () => {
    const server = await startRedis();
    // Patient where Redis is to answer, and hasty where it is not.
    const connect = (commandTimeout: number) =>
      new Redis(server.url, { commandTimeout, enableOfflineQueue: false, maxRetriesPerRequest: 1 });
    const clients = [connect(60_000), connect(60_000), connect(100)];
    await Promise.all(clients.map((client) => new Promise((resolve) => client.once("ready", resolve))));
    for (const client of clients) client.on("error", () => undefined);
    const limits = clients.map((redis) => createLimit({ name: "t", points: 3, windowSeconds: 60, redis }));
    expect((await limits[0]!.use("key")).remaining).toBe(2);
    expect((await limits[1]!.use("key")).remaining).toBe(1);
    server.pause();
    // It is answered while Redis says nothing.
    expect(await limits[2]!.use("key")).toMatchObject({ ok: true, remaining: 2 });
    server.resume();
    for (const client of clients) client.disconnect();
    await server.stop();
  });
});
