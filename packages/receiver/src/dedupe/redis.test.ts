import { type RedisServer, startRedis } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeDedupe } from "./conformance.ts";
import { createRedisDedupe } from "./redis.ts";

describeWithServer("redis", "createRedisDedupe", () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.url);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  describeDedupe("Redis", {
    open: async (options) => createRedisDedupe({ redis: client, ...options }),
    clear: async () => void (await client.flushall()),
    forgetsByCaller: false,
  });

  it("answers within a second while Redis hangs, and works after it", async () => {
    const dedupe = createRedisDedupe({ redis: server.url, commandTimeoutMs: 100 });
    const begin = () => dedupe.begin({ source: "s", eventId: "e", leaseMs: 1_000, nowMs: 0 });
    await expect.poll(begin).toMatchObject({ kind: "begun" });
    server.pause();
    await expect(begin()).rejects.toThrow();
    server.resume();
    await expect.poll(begin).toEqual({ kind: "busy" });
    await dedupe.close();
  });
});
