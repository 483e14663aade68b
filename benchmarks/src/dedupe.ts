import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Inbox } from "@hooks/receiver";
import { createRedisInbox } from "@hooks/receiver/redis";
import { createSqliteInbox } from "@hooks/receiver/sqlite";
import { createTemporaryFolder, type RedisServer, startRedis, until } from "@hooks/testkit";
import { Redis } from "ioredis";
import type { BenchOptions, Comparison } from "./bench.ts";
import { createScope, type Scope } from "./scope.ts";

const source = "billing";
/** Ids that come in one request of the bench. */
const together = 1_000;

/** What an event id takes that an inbox remembers, beside a key for each. */
export async function* dedupe({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  for (const count of quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000]) {
    const scope = createScope();
    try {
      yield {
        name: `${count.toLocaleString("en")} ids`,
        unit: "B/id",
        better: "lower",
        rounds: 1,
        ours: { name: "Redis inbox, memory", measure: once(() => redisInbox(scope, count)) },
        others: [
          { name: "SET NX PX for each, memory", measure: once(() => redisKeys(scope, count)) },
          { name: "SQLite inbox, file", measure: once(() => sqliteInbox(scope, count)) },
        ],
      };
    } finally {
      await scope.stop();
    }
  }
}

/** It comes out the same every time. */
function once(measure: () => Promise<number>): () => Promise<number> {
  let measured: Promise<number> | undefined;
  return () => (measured ??= measure());
}

async function redisInbox(scope: Scope, count: number): Promise<number> {
  const redis = scope.add(await startRedis({ appendfsync: "no" }));
  // Nobody waits for an answer here.
  const patience = { highWaterMark: Number.MAX_SAFE_INTEGER, commandTimeoutMs: 60_000 };
  const inbox = createRedisInbox({ url: redis.url, ...patience });
  await until(() => inbox.depth(source));
  const before = await usedMemory(redis);
  await accept(inbox, count);
  await inbox.close();
  await withClient(redis, (client) => client.del(`hooks:{${source}}:entries`));
  return ((await usedMemory(redis)) - before) / count;
}

async function redisKeys(scope: Scope, count: number): Promise<number> {
  const redis = scope.add(await startRedis({ appendfsync: "no" }));
  const before = await usedMemory(redis);
  await withClient(redis, async (client) => {
    for (let at = 0; at < count; at += together) {
      const pipeline = client.pipeline();
      for (const id of idsFrom(at)) pipeline.set(`seen:${id}`, "1", "PX", 604_800_000, "NX");
      await pipeline.exec();
    }
  });
  return ((await usedMemory(redis)) - before) / count;
}

async function sqliteInbox(scope: Scope, count: number): Promise<number> {
  const folder = createTemporaryFolder("hooks-bench");
  scope.add({ stop: async () => folder.remove() });
  const path = join(folder.path, "inbox.db");
  const inbox = createSqliteInbox({ path, highWaterMark: Number.MAX_SAFE_INTEGER });
  await accept(inbox, count);
  await inbox.close();
  const database = new DatabaseSync(path);
  // Its table of ids and what is indexed of it.
  const size = database.prepare("SELECT sum(pgsize) AS bytes FROM dbstat WHERE name LIKE 'seen%'").get();
  database.close();
  return Number(size?.["bytes"]) / count;
}

async function accept(inbox: Inbox, count: number): Promise<void> {
  const receivedAtMs = Date.now();
  for (let at = 0; at < count; at += together) {
    await inbox.acceptBatch(
      idsFrom(at).map((eventId) => ({
        source,
        eventId,
        eventType: undefined,
        headers: {},
        body: new Uint8Array(),
        receivedAtMs,
      })),
    );
  }
}

function idsFrom(first: number): string[] {
  return Array.from({ length: together }, (_, index) => `evt_${String(first + index).padStart(26, "0")}`);
}

async function usedMemory(redis: RedisServer): Promise<number> {
  const info = await withClient(redis, (client) => client.info("memory"));
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}

async function withClient<T>({ url }: RedisServer, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}
