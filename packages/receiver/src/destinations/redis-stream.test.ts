import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { describeDestination } from "./conformance.ts";
import { createRedisStreamDestination } from "./redis-stream.ts";
import { arrivalsIn, faultsOf } from "../test-support/redis-destination.ts";

/** For a machine that stalls. */
const commandTimeoutMs = 5_000;

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
      return createRedisStreamDestination({ name: "jobs", url: redis.url, stream: "jobs", commandTimeoutMs });
    },
    arrivals: () => arrivalsIn(client, "jobs"),
    ...faultsOf(() => redis),
    close: async () => {},
  });
});
