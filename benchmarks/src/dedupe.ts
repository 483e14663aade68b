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

/** What an event id takes that an inbox remembers, beside what is built instead, and what is left of it later. */
export async function* dedupe({ quick }: BenchOptions): AsyncGenerator<Comparison> {
  for (const count of quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000]) {
    const scope = createScope();
    const ids = `${count.toLocaleString("en")} ids`;
    const shared = { unit: "B/id", better: "lower", rounds: 1 } as const;
    const [redis, sqlite] = [once(() => redisInbox(scope, count)), once(() => sqliteInbox(scope, count))];
    const keys = { name: "SET NX PX for each", measure: once(() => redisKeys(scope, count)) };
    const table = { name: "table with a text primary key", measure: once(() => sqliteTable(scope, count)) };
    const [inRedis, inFile] = ["Redis inbox", "SQLite inbox"];
    const of = (found: () => Promise<Found>, which: keyof Found) => async () => (await found())[which];
    try {
      yield {
        ...shared,
        name: `${ids}, memory`,
        ours: { name: inRedis, measure: of(redis, "remembered") },
        others: [keys],
      };
      yield {
        ...shared,
        name: "…, once they are forgotten",
        ours: { name: inRedis, measure: of(redis, "later") },
        others: [],
      };
      yield {
        ...shared,
        name: `${ids}, file`,
        ours: { name: inFile, measure: of(sqlite, "remembered") },
        others: [table],
      };
      yield {
        ...shared,
        name: "…, and as many after they are forgotten",
        ours: { name: inFile, measure: of(sqlite, "later") },
        others: [],
      };
    } finally {
      await scope.stop();
    }
  }
}

/** Bytes for each id. */
interface Found {
  readonly remembered: number;
  /** When their time is over. */
  readonly later: number;
}

/** It comes out the same every time. */
function once<T>(measure: () => Promise<T>): () => Promise<T> {
  let measured: Promise<T> | undefined;
  return () => (measured ??= measure());
}

async function redisInbox(scope: Scope, count: number): Promise<Found> {
  const redis = scope.add(await startRedis({ appendfsync: "no" }));
  // Longer than a busy machine takes to accept them.
  const dedupeMs = Math.max(10_000, count * 0.2);
  // Nobody waits for an answer here.
  const patience = { highWaterMark: Number.MAX_SAFE_INTEGER, commandTimeoutMs: 60_000 };
  const inbox = createRedisInbox({ url: redis.url, dedupeMs, ...patience });
  await until(() => inbox.depth(source));
  const before = await usedMemory(redis);
  await accept(inbox, { count, receivedAtMs: Date.now() });
  await inbox.close();
  return withClient(redis, async (client) => {
    await client.del(`hooks:{${source}}:entries`);
    const remembered = ((await usedMemory(redis)) - before) / count;
    const isWhole = /^expired_keys:0\r$/m.test(await client.info("stats"));
    if (!isWhole) throw new Error(`${count} ids were not accepted within ${dedupeMs} ms`);
    // Redis takes away by itself what has ended.
    await until(async () => (await client.dbsize()) === 0, { timeoutMs: 3 * dedupeMs, everyMs: 100 });
    return { remembered, later: ((await usedMemory(redis)) - before) / count };
  });
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

async function sqliteInbox(scope: Scope, count: number): Promise<Found> {
  const path = scope.add(createFile()).path;
  const dedupeMs = 60_000;
  const inbox = createSqliteInbox({ path, dedupeMs, highWaterMark: Number.MAX_SAFE_INTEGER });
  await accept(inbox, { count, receivedAtMs: 0 });
  const remembered = sizeOf(path, "seen_id") / count;
  // Ids are forgotten as later ones come.
  await accept(inbox, { first: count, count, receivedAtMs: 5 * dedupeMs });
  await inbox.close();
  return { remembered, later: sizeOf(path, "seen_id") / count };
}

async function sqliteTable(scope: Scope, count: number): Promise<number> {
  const path = scope.add(createFile()).path;
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE seen (id TEXT PRIMARY KEY, at INTEGER NOT NULL)");
  const insert = database.prepare("INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING");
  for (let at = 0; at < count; at += together) {
    database.exec("BEGIN");
    for (const id of idsFrom(at)) insert.run(id, Date.now());
    database.exec("COMMIT");
  }
  database.close();
  return sizeOf(path, "seen") / count;
}

function createFile() {
  const folder = createTemporaryFolder("hooks-bench");
  return { path: join(folder.path, "ids.db"), stop: () => folder.remove() };
}

/** A table, and what is indexed of it, in bytes. */
function sizeOf(path: string, table: string): number {
  const database = new DatabaseSync(path);
  const size = database
    .prepare(
      "SELECT sum(pgsize) AS bytes FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)",
    )
    .get(table);
  database.close();
  return Number(size?.["bytes"]);
}

interface Arrivals {
  /** Default 0. */
  readonly first?: number;
  readonly count: number;
  readonly receivedAtMs: number;
}

async function accept(inbox: Inbox, { first = 0, count, receivedAtMs }: Arrivals): Promise<void> {
  for (let at = 0; at < count; at += together) {
    await inbox.acceptBatch(
      idsFrom(first + at).map((eventId) => ({
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
