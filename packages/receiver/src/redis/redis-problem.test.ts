import {
  freePort,
  type RedisCluster,
  type RedisServer,
  startRedis,
  startRedisCluster,
  until,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Redis } from "ioredis";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createConsumer } from "../consumer.ts";
import { createRedisDedupe } from "../dedupe/redis.ts";
import { createRedisStreamDestination } from "../destinations/redis-stream.ts";
import { createRedisInbox } from "../inbox/redis.ts";

const at = (port: number) => `127.0.0.1:${port}`;

interface Case {
  readonly what: string;
  readonly url: () => string;
  readonly tells: readonly string[];
}

describeWithServer("redis", "what is said of a Redis that cannot be used", () => {
  let server: RedisServer;
  let locked: RedisServer;
  let cluster: RedisCluster;
  let unused: number;
  beforeAll(async () => {
    [server, locked, cluster, unused] = await Promise.all([
      startRedis(),
      startRedis(),
      startRedisCluster(),
      freePort(),
    ]);
    for (const url of [locked.url, ...cluster.urls]) {
      const operator = new Redis(url);
      await operator.config("SET", "requirepass", "right");
      operator.disconnect();
    }
  });
  afterAll(() => Promise.all([server.stop(), locked.stop(), cluster.stop()]));

  const hosts = () => cluster.urls.map((url) => new URL(url).host).join(",");
  const cases: readonly Case[] = [
    {
      what: "nobody listens",
      url: () => `redis://me:secret@${at(unused)}`,
      tells: ["ECONNREFUSED"],
    },
    {
      what: "its name is unknown",
      // That it is none is known without asking anybody.
      url: () => "redis://no..where:7",
      tells: ["getaddrinfo"],
    },
    { what: "the password is wrong", url: () => `redis://:secret@${at(locked.port)}`, tells: ["WRONGPASS"] },
    { what: "it wants a password", url: () => `redis://${at(locked.port)}`, tells: ["NOAUTH"] },
    { what: "it has no TLS", url: () => `rediss://${at(server.port)}`, tells: ["ETIMEDOUT"] },
    {
      what: "it is no sentinel",
      url: () => `redis://${at(server.port)}?sentinel=main`,
      tells: ["unknown command"],
    },
    {
      what: "it is no cluster",
      url: () => `redis://${at(server.port)}?cluster=true`,
      tells: ["cluster support disabled"],
    },
    {
      what: "a cluster wants another password",
      url: () => `redis://:secret@${hosts()}?cluster=true`,
      tells: ["WRONGPASS"],
    },
  ];
  it.concurrent.each(cases)(
    "names it and the reason where $what, and no password",
    async ({ url, tells }) => {
      const inbox = createRedisInbox({ url: url() });
      const fault = await untilTried(() => inbox.selfCheck(), tells);
      expect(String(fault)).toMatch(/: Redis (?:at .*|Cluster) did not answer as it should: /);
      // Of a cluster the node that was asked last.
      const places = url()
        .replace(/.*[/@]|\?.*/g, "")
        .split(",");
      expect(places.filter((place) => String(fault).includes(place))).toHaveLength(1);
      for (const text of tells) expect(String(fault)).toContain(text);
      expect(inspect(fault)).not.toContain("secret");
      await inbox.close();
    },
  );

  it("names it in the faults of a dedupe, a destination and a consumer", async () => {
    const url = `redis://:secret@127.0.0.1:${unused}`;
    const expected = expect.stringMatching(
      `Redis at 127.0.0.1:${unused} did not answer as it should: .*ECONNREFUSED`,
    );
    const dedupe = createRedisDedupe({ redis: url });
    const begin = () => dedupe.begin({ source: "a", eventId: "b", leaseMs: 1 });
    const refused = await untilTried(begin);
    expect(refused).toMatchObject({ message: expected });
    await dedupe.close();

    const destination = createRedisStreamDestination({
      name: "jobs",
      url,
      stream: "jobs",
      commandTimeoutMs: 1_000,
    });
    const event = { source: "shop", eventId: "evt_1", eventType: undefined, headers: {}, receivedAtMs: 0 };
    const deliver = () => destination.deliver({ ...event, body: Buffer.from("{}"), attempt: 1 });
    const result = await untilTried(async () => JSON.stringify(await deliver()));
    expect(JSON.parse(String(result))).toMatchObject({ kind: "retry", reason: expected });
    await destination.close();

    const { promise, resolve } = Promise.withResolvers<unknown>();
    const consumer = createConsumer({
      redis: url,
      stream: "jobs",
      group: "app",
      handlers: {},
      report: (report) =>
        report.kind === "inbox_unavailable" && !isTooLate(report.error) && resolve(report.error),
    });
    consumer.start();
    expect(await promise).toMatchObject({ message: expected });
    await consumer.stop();
  });
});

/** What an attempt fails with once a connection has been tried, which on a busy machine may take longer than the attempt. */
function untilTried(attempt: () => Promise<unknown>, tells: readonly string[] = []): Promise<unknown> {
  return until(async () => {
    const fault = await attempt().then(String, (error: unknown) => error);
    return (!isTooLate(fault) || tells.includes("ETIMEDOUT")) && fault;
  });
}

/** What is said of any server where a machine is busy or stalls. */
function isTooLate(fault: unknown): boolean {
  return /not connected yet|timed out|ETIMEDOUT|No answer within/.test(String(fault));
}
