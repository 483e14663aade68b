import { type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BullmqJobData, createBullmqDestination } from "./bullmq.ts";
import { describeDestination } from "./conformance.ts";
import { faultsOf } from "../test-support/redis-destination.ts";

/** For a machine that stalls. */
const commandTimeoutMs = 5_000;

describeWithServer("redis", "createBullmqDestination", () => {
  let redis: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.url, { maxRetriesPerRequest: null });
    client.on("error", () => {});
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  const jobs = async () => {
    const queue = new Queue<BullmqJobData>("jobs", { connection: client });
    const found = await queue.getJobs(["waiting", "prioritized", "delayed"]);
    await queue.close();
    return found;
  };
  const probe = {
    source: "probe",
    eventId: "p",
    eventType: undefined,
    headers: {},
    receivedAtMs: 0,
    attempt: 1,
  };

  const open = async (jobOptions = {}) => {
    await until(() => client.flushall());
    return createBullmqDestination({
      name: "jobs",
      url: redis.url,
      queue: "jobs",
      jobOptions,
      commandTimeoutMs,
    });
  };

  describeDestination("bullmq", {
    deduplicates: true,
    open,
    arrivals: async () =>
      (await jobs()).map(({ data: { id, type = "", source, headers, body, encoding } }) => {
        return { id, type, source, headers, body: Buffer.from(body, encoding) };
      }),
    ...faultsOf(() => redis),
    close: async () => {},
  });

  it("names jobs after their event and gives them the configured options", async () => {
    const destination = await open({ attempts: 5, backoff: { type: "exponential", delay: 1_000 } });
    const entry = { ...probe, eventId: "a:1", eventType: "invoice.paid", body: Buffer.from("{}") };
    expect(await destination.deliver(entry)).toEqual({ kind: "confirmed" });
    const [job] = await jobs();
    expect(job).toMatchObject({ id: "probe.a%3A1", name: "invoice.paid", opts: { attempts: 5 } });
    await destination.close();
  });
});
