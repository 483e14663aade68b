import { type RedisServer, startRedis } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Dedupe } from "../dedupe.ts";
import { describeDedupe } from "./conformance.ts";
import { createRedisDedupe } from "./redis.ts";

/** For a machine that stalls. */
const patient = { commandTimeoutMs: 30_000 };

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
    open: async (options) => createRedisDedupe({ redis: client, ...patient, ...options }),
    clear: async () => void (await client.flushall()),
    forgetsByClock: false,
  });

  describe("where the clocks are apart", () => {
    let dedupe: Dedupe;
    const begin = (leaseMs: number) => dedupe.begin({ source: "s", eventId: "e", leaseMs });
    beforeEach(() => void (dedupe = createRedisDedupe({ redis: client, ...patient })));
    afterEach(async () => {
      vi.useRealTimers();
      await client.flushall();
    });

    it("leaves to another process what it has begun", async () => {
      expect(await begin(60_000)).toMatchObject({ kind: "begun" });
      setAheadMs(3_600_000);
      expect(await begin(60_000)).toEqual({ kind: "busy" });
    });

    it("begins again when a lease is over, by whichever clock it was taken", async () => {
      setAheadMs(3_600_000);
      expect(await begin(1)).toMatchObject({ kind: "begun" });
      vi.useRealTimers();
      await expect.poll(() => begin(60_000)).toEqual({ kind: "begun", attempt: 2 });
    });
  });

  it("answers within a second while Redis hangs, and works after it", async () => {
    const dedupe = createRedisDedupe({ redis: server.url, commandTimeoutMs: 100 });
    const begin = () => dedupe.begin({ source: "s", eventId: "e", leaseMs: 1_000 });
    await expect.poll(begin).toMatchObject({ kind: "begun" });
    server.pause();
    await expect(begin()).rejects.toThrow();
    server.resume();
    await expect.poll(begin).toEqual({ kind: "busy" });
    await dedupe.close();
  });
});

function setAheadMs(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}
