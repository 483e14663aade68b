import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTemporaryFolder } from "@hooks/testkit";
import { afterAll, describe, expect, it } from "vitest";
import type { DeliveryState } from "../../core/model.ts";
import { shardOf } from "../../core/sharding.ts";
import { createIds } from "../../ids.ts";
import type { PurgePosition, Store } from "../../store.ts";
import { createSqliteStore } from "../sqlite.ts";
import { MIGRATIONS } from "./migrations.ts";

const folder = createTemporaryFolder("hooks-sqlite-retention");
afterAll(() => folder.remove());

const T0 = 1_700_000_000_000;
const HOUR_MS = 60 * 60 * 1_000;
const ENDPOINTS = ["ep_1", "ep_2"] as const;
/** The schema before that of `spans.ts`. */
const BEFORE_SPANS = MIGRATIONS.findIndex((script) => script.includes("CREATE TABLE finished_spans"));

interface Written {
  readonly id: string;
  readonly event: string;
  readonly publishedMs: number;
  readonly endpoint: string;
  readonly state: DeliveryState;
  readonly attempts: number;
}

/** What became of an event at each endpoint, and after how many attempts; of one without subscribers, nothing. */
const FATES: readonly (readonly (readonly [DeliveryState, attempts: number])[])[] = [
  [
    ["delivered", 1],
    ["delivered", 1],
  ],
  [
    ["delivered", 2],
    ["dead", 3],
  ],
  [
    ["cancelled", 0],
    ["delivered", 1],
  ],
  [
    ["scheduled", 1],
    ["delivered", 4],
  ],
  [],
];

/**
 * A file as the release before spans left it: of every fate an event an hour, all within a few milliseconds. In every
 * second hour all has come to its end.
 */
function createFile(path: string, hours: number): readonly Written[] {
  const database = new DatabaseSync(path);
  database.exec(`${MIGRATIONS.slice(0, BEFORE_SPANS).join(";")}; PRAGMA user_version = ${BEFORE_SPANS}`);
  database.exec("INSERT INTO subscribers VALUES ('sub_1', 'one', 1); BEGIN");
  const write = writerOf(database);
  const written: Written[] = [];
  for (let hour = 0; hour < hours; hour += 1) {
    for (const [index, fates] of FATES.entries()) {
      if (hour % 2 === 1 && fates.some(([state]) => state === "scheduled")) continue;
      const publishedMs = T0 + hour * HOUR_MS + index;
      const nextId = createIds({ now: () => publishedMs, randomBytes });
      const event = nextId("evt");
      const deliveries = fates.map(([state, attempts], at) => {
        return { id: nextId("dlv"), event, publishedMs, endpoint: ENDPOINTS[at] ?? "", state, attempts };
      });
      write.event(event, publishedMs, deliveries);
      written.push(...deliveries);
    }
  }
  database.exec("COMMIT");
  database.close();
  return written;
}

function writerOf(database: DatabaseSync) {
  const event = database.prepare(
    "INSERT INTO events VALUES (?, 'a.b', '1.0.0', 's', NULL, NULL, NULL, ?, 'd', ?, ?, X'7B7D')",
  );
  const pending = database.prepare(
    `INSERT INTO pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts,
       attempts_before_schedule, interruptions, created_ms) VALUES (?, ?, ?, ?, ?, 'a.b', 'sub_1', ?, 0, 0, ?)`,
  );
  const finished = database.prepare(
    `INSERT INTO finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms,
       last_started_ms, last_duration_ms, last_outcome, last_status)
     VALUES (?, ?, 'a.b', ?, 'sub_1', ?, ?, ?, ?, ?, 5, ?, ?)`,
  );
  const attempt = database.prepare("INSERT INTO attempts VALUES (?, ?, ?, 5, 'http_status', 500, NULL)");
  const delivery = ({ id, event: of, endpoint, state, attempts, publishedMs }: Written) => {
    // The last attempt of what is finished stands in its row.
    const apart = state === "scheduled" ? attempts : attempts - 1;
    for (let number = 1; number <= apart; number += 1) attempt.run(id, number, publishedMs + number);
    if (state === "scheduled") {
      pending.run(shardOf(endpoint), endpoint, publishedMs + HOUR_MS, id, of, attempts, publishedMs);
      return;
    }
    const startedMs = attempts === 0 ? null : publishedMs + attempts;
    const outcome = state === "delivered" ? (["delivered", 200] as const) : (["http_status", 500] as const);
    const last = attempts === 0 ? ([null, null] as const) : outcome;
    finished.run(id, of, endpoint, state, attempts, publishedMs, publishedMs + 9, startedMs, ...last);
  };
  return {
    event(id: string, publishedMs: number, deliveries: readonly Written[]): void {
      event.run(id, publishedMs, deliveries[0]?.id ?? null, deliveries.at(-1)?.id ?? null);
      for (const one of deliveries) delivery(one);
    },
  };
}

/** Every page of each list of an endpoint, and the attempts of all that is in them. */
async function read(store: Store) {
  const lists: Record<string, readonly string[]> = {};
  const attempts: Record<string, number> = {};
  for (const endpoint of ENDPOINTS) {
    for (const state of [undefined, "scheduled", "delivered", "dead", "cancelled"] as const) {
      const ids: string[] = [];
      for (let after: string | undefined; ; after = ids.at(-1)) {
        const filter = { endpoint, ...(state === undefined ? {} : { state }) };
        const page = await store.listDeliveries({
          ...filter,
          ...(after === undefined ? {} : { after }),
          limit: 7,
        });
        if (page.length === 0) break;
        ids.push(...page.map(({ id }) => id));
      }
      lists[`${endpoint} ${state ?? "all"}`] = ids;
      for (const id of ids) attempts[id] = (await store.listAttempts(id)).length;
    }
  }
  return { lists, attempts };
}

/** What `read` is to give of these. */
function expected(written: readonly Written[]) {
  const lists: Record<string, readonly string[]> = {};
  for (const endpoint of ENDPOINTS) {
    for (const state of ["all", "scheduled", "delivered", "dead", "cancelled"]) {
      const fitting = written.filter(
        (one) => one.endpoint === endpoint && (state === "all" || one.state === state),
      );
      lists[`${endpoint} ${state}`] = fitting.map(({ id }) => id).toReversed();
    }
  }
  return { lists, attempts: Object.fromEntries(written.map(({ id, attempts }) => [id, attempts])) };
}

async function sweep(store: Store, beforeMs: number): Promise<number> {
  let gone = 0;
  for (let after: PurgePosition | undefined; ;) {
    const purged = await store.purge({ beforeMs, nowMs: beforeMs, limit: 10, after });
    gone += purged.events;
    if (!purged.hasMore) return gone;
    after = purged.after;
  }
}

/** What stands in the tables of the history that belongs to nothing. */
function orphansOf(path: string) {
  const database = new DatabaseSync(path, { readOnly: true });
  const count = (sql: string) =>
    Number(database.prepare(`SELECT count(*) AS count FROM ${sql}`).get()?.["count"]);
  const orphans = {
    attempts: count(
      "attempts WHERE delivery NOT IN (SELECT id FROM finished UNION ALL SELECT id FROM pending)",
    ),
    deliveries: count("finished WHERE event NOT IN (SELECT id FROM events)"),
    spans: count("finished_spans WHERE span NOT IN (SELECT substr(id, 1, 13) FROM finished)"),
  };
  database.close();
  return orphans;
}

describe("retention of what an older release has written", () => {
  it("removes what is too old, keeps what is pending, and leaves lists as they were", async () => {
    const path = join(folder.path, "old.db");
    const hours = 20;
    const written = createFile(path, hours);
    const store = createSqliteStore({ path });
    expect(await read(store)).toEqual(expected(written));

    const beforeMs = T0 + 12 * HOUR_MS;
    expect(await sweep(store, beforeMs)).toBe(12 * 4);
    const held = new Set(written.flatMap(({ state, event }) => (state === "scheduled" ? [event] : [])));
    const left = written.filter(({ event, publishedMs }) => publishedMs >= beforeMs || held.has(event));
    expect(left.length).toBeLessThan(written.length);
    expect(await read(store)).toEqual(expected(left));
    expect(await store.listEvents({ limit: 1_000 })).toHaveLength(6 + 8 * 4 + 4);
    expect(orphansOf(path)).toEqual({ attempts: 0, deliveries: 0, spans: 0 });

    // What was pending goes when it has come to its end, and all else with its time.
    for (const { id, state } of left) if (state === "scheduled") await store.cancelDelivery(id, beforeMs);
    expect(await sweep(store, beforeMs)).toBe(6);
    expect(await sweep(store, T0 + hours * HOUR_MS)).toBe(8 * 4 + 4);
    expect(await read(store)).toEqual(expected([]));
    expect(orphansOf(path)).toEqual({ attempts: 0, deliveries: 0, spans: 0 });
    await store.close();
  });
});
