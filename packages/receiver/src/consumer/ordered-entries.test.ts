import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createOrderedEntries } from "./ordered-entries.ts";
import { streamKeys } from "./stream-scripts.ts";

describeWithServer("redis", "createOrderedEntries", () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis({ appendfsync: "everysec" });
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it("reads nothing new while too many wait for their next attempt, each of a subject of its own", async () => {
    const named = {
      redis: server.url,
      stream: "orders",
      group: "app",
      removeHandled: true,
      commandTimeoutMs: 30_000,
    };
    const entries = createOrderedEntries({ ...named, orderBy: "subject", mostHeld: 5 });
    for (let n = 0; n < 20; n += 1) {
      const body = JSON.stringify({ subject: `s${n}` });
      await redis.xadd("orders", "*", "id", `e${n}`, "source", "shop", "headers", "{}", "body", body);
    }
    const about = { source: "orders", destination: "handlers", routes: ["handlers"], leaseMs: 10_000 };
    const claim = () => until(() => entries.claim({ ...about, limit: 2 }));

    for (let round = 0; round < 8; round += 1) {
      const claimed = await claim();
      await entries.settle(claimed.map((one) => ({ kind: "retry", claim: one, delayMs: 3_600_000 })));
    }
    expect((await redis.xpending("orders", "app"))[0]).toBe(6);
    const { due } = streamKeys("orders", "app");
    for (const id of await redis.zrange(due, "0", "-1")) await redis.zadd(due, 0, id);
    const seen = new Set<string>();
    for (let some = await claim(); some.length > 0; some = await claim()) {
      for (const { eventId } of some) seen.add(eventId);
      await entries.settle(some.map((one) => ({ kind: "done", claim: one })));
    }
    expect(seen.size).toBe(20);
    await entries.close();
  });
});
