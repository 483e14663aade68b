import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import {
  type Child,
  createTemporaryFolder,
  type NatsServer,
  type RedisServer,
  startChild,
  startNats,
  startRedis,
  until,
} from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { event } from "./inbox/conformance/given.ts";
import type { Inbox } from "./inbox.ts";
import { createRedisInbox } from "./inbox/redis.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import type { RelayProcess } from "./test-support/relay-process.ts";

const script = fileURLToPath(new URL("test-support/relay-process.ts", import.meta.url));
interface Survival extends Pick<RelayProcess, "inbox" | "source"> {
  /** Whether every second process is halted instead. */
  readonly halts?: boolean;
}

const total = 600;
const kills = 4;
const concurrency = 16;

const title = "a relay whose processes are killed";
const withServers = (body: () => void) =>
  describeWithServer("redis", title, () => describeWithServer("nats", "among brokers", body));

withServers(() => {
  let redis: RedisServer;
  let client: Redis;
  let nats: NatsServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  const folder = createTemporaryFolder("hooks-relay-kill");
  beforeAll(async () => {
    [redis, nats] = await Promise.all([startRedis(), startNats()]);
    connection = await connect({ servers: nats.url });
    manager = await jetstreamManager(connection);
    client = new Redis(redis.url, { maxRetriesPerRequest: null });
    await until(async () => (await client.ping()) === "PONG");
  });
  afterAll(async () => {
    client.disconnect();
    await connection.close();
    await Promise.all([redis.stop(), nats.stop()]);
    folder.remove();
  });

  const start = (given: Pick<RelayProcess, "inbox" | "source">) => {
    const told: RelayProcess = { ...given, target: redis.url, bus: nats.url, concurrency };
    return startChild(execPath, [script, JSON.stringify(told)]);
  };
  const arrivals = async (source: string) => {
    const rows = await client.xrange(`stream-${source}`, "-", "+");
    return rows.map(([, fields]) => String(fields[fields.indexOf("id") + 1]));
  };
  const jobs = async (source: string) => {
    const queue = new Queue(`jobs-${source}`, { connection: client });
    const count = await queue.getJobCountByTypes("waiting");
    await queue.close();
    return count;
  };

  /**
   * Kills one process after another, or halts it for a while, each at a point of its own of the way; what it has to do is
   * left to the others.
   */
  const survive = async (inbox: Inbox, { halts = false, ...given }: Survival) => {
    const { source } = given;
    const destinations = ["stream", "jobs", "bus"];
    const accept = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, index) =>
          inbox.accept(event({ source, eventId: `e${from + index}`, destinations, headers: {} })),
        ),
      );
    const isThrough = async () => (await inbox.depth(source)).waiting === 0;
    await manager.streams.add({ name: source, subjects: [source] });
    await accept(0, total);
    const halted: Child[] = [];
    const processes: Child[] = await Promise.all(Array.from({ length: 2 }, () => start(given)));
    for (let time = 1; time <= kills; time++) {
      const goal = (total * time) / (kills + 1);
      await until(async () => (await client.xlen(`stream-${source}`)) >= goal, {
        everyMs: 2,
        timeoutMs: 120_000,
      });
      const [victim] = processes.splice(0, 1);
      const isHalted = halts && time % 2 === 0;
      victim?.signal(isHalted ? "SIGSTOP" : "SIGKILL");
      if (isHalted && victim !== undefined) halted.push(victim);
      processes.push(await start(given));
    }
    await until(isThrough, { timeoutMs: 120_000 });
    for (const child of processes) child.signal("SIGKILL");
    await Promise.all(processes.map(({ exited }) => exited));
    // What these hold was taken over long before; they find out, and go on with what is new.
    for (const child of halted) child.signal("SIGCONT");
    const all = halted.length > 0 ? total + 50 : total;
    await accept(total, all);
    await until(isThrough, { timeoutMs: 120_000 });
    for (const child of halted) child.signal("SIGKILL");
    const arrived = await arrivals(source);
    expect(new Set(arrived).size).toBe(all);
    expect(arrived.length - all).toBeLessThanOrEqual(kills * concurrency);
    // These two know what comes again.
    expect(await jobs(source)).toBe(all);
    expect((await manager.streams.info(source)).state.messages).toBe(all);
    expect(await inbox.depth(source)).toEqual({ waiting: 0, dead: 0 });
    await inbox.close();
  };

  it("loses nothing of a Redis inbox, and repeats at most what was in flight", async () => {
    const inbox = createRedisInbox({ url: redis.url });
    await inbox.selfCheck();
    await survive(inbox, { inbox: redis.url, source: "cache" });
  }, 300_000);

  it("loses nothing when some are halted for longer than their leases, and go on", async () => {
    const inbox = createRedisInbox({ url: redis.url });
    await inbox.selfCheck();
    await survive(inbox, { inbox: redis.url, source: "halted", halts: true });
  }, 300_000);

  it("loses nothing of a SQLite inbox, and repeats at most what was in flight", async () => {
    const path = `${folder.path}/inbox.db`;
    await survive(createSqliteInbox({ path }), { inbox: path, source: "file" });
  }, 300_000);
});
