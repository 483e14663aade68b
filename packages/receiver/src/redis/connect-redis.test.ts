import { type RedisCluster, startRedisCluster, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Queue } from "bullmq";
import { Cluster, Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Consumer, type ConsumerOptions, createConsumer } from "../consumer.ts";
import { describeDedupe } from "../dedupe/conformance.ts";
import { createRedisDedupe } from "../dedupe/redis.ts";
import { createBullmqDestination } from "../destinations/bullmq.ts";
import { describeDestination } from "../destinations/conformance.ts";
import { createRedisStreamDestination } from "../destinations/redis-stream.ts";
import { arrivalsIn, faultsOf } from "../test-support/redis-destination.ts";

/** For a machine that stalls. */
const commandTimeoutMs = 5_000;

describeWithServer("redis", "connectRedis to a cluster", () => {
  let cluster: RedisCluster;
  let url: string;
  let client: Cluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
    const hosts = cluster.urls.map((one) => new URL(one).host).join(",");
    url = `redis://${hosts}?cluster=true`;
    client = new Cluster([...cluster.urls]);
    client.on("error", () => {});
  });
  afterAll(async () => {
    client.disconnect();
    await cluster.stop();
  });
  /** Nodes that were gone are part of it again, and have nothing. */
  const empty = async () => {
    for (const { url: node } of cluster.nodes) {
      const direct = new Redis(node);
      direct.on("error", () => {});
      await until(async () => String(await direct.cluster("INFO")).includes("cluster_state:ok"));
      await until(() => direct.flushall());
      direct.disconnect();
    }
  };

  describeDedupe("Redis Cluster", {
    open: async (options) => {
      const dedupe = createRedisDedupe({ redis: url, commandTimeoutMs, ...options });
      const begin = () => dedupe.begin({ source: "ready", eventId: "e", leaseMs: 1 });
      await until(begin);
      return dedupe;
    },
    clear: empty,
    forgetsByClock: false,
  });

  describeDestination("redis-stream in a cluster", {
    deduplicates: false,
    open: async () => {
      await until(() => client.del("jobs").then(() => true));
      return createRedisStreamDestination({ name: "jobs", url, stream: "jobs", commandTimeoutMs });
    },
    arrivals: () => arrivalsIn(client, "jobs"),
    ...faultsOf(() => cluster.ownerOf("jobs")),
    close: async () => {},
  });

  beforeEach(empty);

  it("keeps a BullMQ queue whose keys share a slot, and refuses another", async () => {
    const options = { name: "jobs", url, queue: "orders", commandTimeoutMs };
    expect(() => createBullmqDestination(options)).toThrow(/^Expected braces in prefix or queue/);
    const destination = createBullmqDestination({ ...options, prefix: "{bull}" });
    const event = { source: "shop", eventId: "evt_1", eventType: "order.paid", headers: {} };
    const entry = { ...event, body: Buffer.from("{}"), receivedAtMs: 0, attempt: 1 };
    await until(async () => (await destination.deliver(entry)).kind === "confirmed");
    const queue = new Queue("orders", { connection: client, prefix: "{bull}" });
    expect((await queue.getWaiting()).map(({ id }) => id)).toEqual(["shop.evt_1"]);
    await destination.close();
  });

  const consumers: Consumer[] = [];
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop({ timeoutMs: 1_000 })));
  });
  const consume = (handle: (id: string) => void, more: Partial<ConsumerOptions> = {}) => {
    const consumer = createConsumer({
      redis: url,
      stream: "orders",
      group: "app",
      commandTimeoutMs,
      schedule: [0, 5, 5],
      report: () => {},
      ...more,
      handlers: { "*": ({ id }: { readonly id: string }) => handle(id) },
    });
    consumers.push(consumer);
    consumer.start();
    return consumer;
  };
  const add = (n: number) => {
    const body = JSON.stringify({ subject: `s${n % 7}` });
    const fields = ["id", `evt_${n}`, "type", "a.b", "source", "shop", "headers", "{}", "body", body];
    return client.xadd("orders", "*", ...fields);
  };
  const addAll = (from: number, count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => add(from + n)));

  it.each([
    ["its URL", () => url],
    ["a client", () => client],
  ])("gives every event to one consumer of a group that knows the cluster by %s", async (_, redis) => {
    const seen: string[] = [];
    for (const _one of [1, 2]) consume((id) => seen.push(id), { redis: redis() });
    await addAll(0, 100);
    await until(() => seen.length >= 100);
    await until(async () => (await client.xlen("orders")) === 0);
    expect(new Set(seen).size).toBe(100);
    expect(seen).toHaveLength(100);
  });

  it.each([["without order", {}] as const, ["in order", { orderBy: "subject" }] as const])(
    "goes on %s while the stream moves to another node, and when that one was gone",
    async (_, order) => {
      const seen = new Set<string>();
      consume((id) => seen.add(id), order);
      await until(() => add(0));
      await addAll(1, 49);
      await until(() => seen.size === 50);
      const before = await cluster.ownerOf("orders");
      const other = cluster.nodes.find((node) => node !== before);
      const moving = cluster.move("orders", other!);
      await addAll(50, 50);
      await moving;
      await until(() => seen.size === 100);
      await other!.kill();
      await other!.restart();
      await until(() => add(100));
      await until(() => seen.size === 101);
      await cluster.move("orders", before);
    },
  );
});
