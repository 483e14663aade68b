import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, beforeAll } from "vitest";
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
      await until(() => client.del("jobs").then(() => true));
      return createRedisStreamDestination({ name: "jobs", url: redis.url, stream: "jobs" });
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
