import { type Child, createTemporaryFolder, type RedisServer, startRedis, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, beforeAll, it, vi } from "vitest";
import { createRedisInbox } from "./inbox/redis.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { type RelayTarget, relayTargets } from "./test-support/relay-target.ts";
import { accept, expectArrived, type RelayWay, startRelay, untilLeft } from "./test-support/relay-way.ts";

vi.setConfig({ testTimeout: 600_000 });
const total = 600;
const kills = 4;

/**
 * Kills one process after another, or halts every second one for a while, each at a point of its own of the way; what it
 * has to do is left to the others.
 */
async function survive(way: RelayWay, { halts = false } = {}): Promise<void> {
  await accept(way, 0, total);
  const halted: Child[] = [];
  const running = [await startRelay(way), await startRelay(way)];
  for (let kill = 1; kill <= kills; kill++) {
    await untilLeft(way, total - (total * kill) / (kills + 1));
    const [victim] = running.splice(0, 1);
    const isHalted = halts && kill % 2 === 0;
    victim?.signal(isHalted ? "SIGSTOP" : "SIGKILL");
    if (isHalted && victim !== undefined) halted.push(victim);
    running.push(await startRelay(way));
  }
  await untilLeft(way, 0);
  for (const child of running) child.signal("SIGKILL");
  await Promise.all(running.map(({ exited }) => exited));
  // What these hold was taken over long before; they find out, and go on with what is new.
  for (const child of halted) child.signal("SIGCONT");
  const all = halted.length > 0 ? total + 50 : total;
  await accept(way, total, all);
  await untilLeft(way, 0);
  for (const child of halted) child.signal("SIGKILL");
  await expectArrived(way, { total: all, kills });
  await way.inbox.close();
}

const title = "a relay whose processes are killed";
const withServers = (body: () => void) =>
  describeWithServer("redis", title, () => describeWithServer("nats", "among brokers", body));

withServers(() => {
  let redis: RedisServer;
  let targets: readonly RelayTarget[];
  const folder = createTemporaryFolder("hooks-relay-kill");
  beforeAll(async () => {
    redis = await startRedis();
    const rows = relayTargets.filter(({ kind }) => ["redis-stream", "bullmq", "nats"].includes(kind));
    targets = await Promise.all(rows.map(({ start }) => start()));
  });
  afterAll(async () => {
    await Promise.all([redis, ...targets].map((server) => server.stop()));
    folder.remove();
  });

  const fromRedis = async (source: string): Promise<RelayWay> => {
    const inbox = createRedisInbox({ url: redis.url, commandTimeoutMs: 60_000 });
    await until(() => inbox.selfCheck());
    return { inbox, inboxUrl: redis.url, source, targets };
  };

  it("loses nothing of a Redis inbox, and repeats at most what was in flight", async () => {
    await survive(await fromRedis("cache"));
  });

  it("loses nothing when some are halted for longer than their leases, and go on", async () => {
    await survive(await fromRedis("halted"), { halts: true });
  });

  it("loses nothing of a SQLite inbox, and repeats at most what was in flight", async () => {
    const path = `${folder.path}/inbox.db`;
    await survive({
      inbox: createSqliteInbox({ path, patienceMs: 60_000 }),
      inboxUrl: path,
      source: "file",
      targets,
    });
  });
});
