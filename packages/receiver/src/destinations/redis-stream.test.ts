import { type RedisServer, startRedis } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect } from "vitest";
import { describeDestination } from "./conformance.ts";
import { createRedisStreamDestination } from "./redis-stream.ts";

describeWithServer("redis", "createRedisStreamDestination", () => {
  let redis: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.url);
    client.on("error", () => {});
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  describeDestination("redis-stream", {
    deduplicates: false,
    open: async () => {
      const destination = createRedisStreamDestination({ name: "jobs", url: redis.url, stream: "jobs" });
      const probe = {
        source: "probe",
        eventId: "p",
        eventType: undefined,
        headers: {},
        body: Buffer.alloc(0),
      };
      await expect
        .poll(() => destination.deliver({ ...probe, receivedAtMs: 0, attempt: 1 }))
        .toEqual({ kind: "confirmed" });
      await client.del("jobs");
      return destination;
    },
    arrivals: async () => {
      const rows = await client.xrangeBuffer("jobs", "-", "+");
      return rows.map(([, values]) => {
        const field = (name: string) =>
          values[values.findIndex((value) => value.equals(Buffer.from(name))) + 1]!;
        return {
          id: field("id").toString(),
          type: field("type").toString(),
          source: field("source").toString(),
          body: field("body"),
          headers: JSON.parse(field("headers").toString()) as Record<string, string>,
        };
      });
    },
    breakDown: () => redis.kill(),
    fallSilent: async () => redis.pause(),
    repair: async () => {
      redis.resume();
      await redis.restart();
    },
    close: async () => {},
  });
});
