import { setImmediate } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import { isOver, type Replay } from "../../core/replay.ts";
import type { Page, ReplayChange, Replays, ReplaysFilter } from "../../store.ts";
import { rangeOf } from "../replaying.ts";
import type { Seals } from "../seals.ts";
import type { Write } from "./commit-queue.ts";
import { createOnce } from "./idempotency.ts";
import { createCount } from "./replay-count.ts";
import { createEnd } from "./replay-end.ts";
import { createAdvance } from "./replay-step.ts";
import { toReplay } from "../replay-row.ts";

/** Jobs that send again. */
export function createReplays(database: DatabaseSync, write: Write, seals: Seals): Replays {
  const once = createOnce<Replay>(database, seals);
  const statements = prepare(database);
  const end = createEnd(database);
  const advance = createAdvance(database, seals, end);
  const count = createCount(database);

  const get = (id: string): Replay | undefined => {
    const row = statements.get.get(id);
    return row === undefined ? undefined : toReplay(row);
  };
  const add = ({ id, filter, perSecond, state, selected, isCounted, createdAtMs }: Replay): void => {
    const { subscriber, endpoint } = filter;
    const counts = [perSecond ?? null, selected, isCounted ? 1 : 0, createdAtMs] as const;
    statements.add.run(id, subscriber, state, JSON.stringify(filter), ...counts);
    statements.addParts.run(id, rangeOf(filter).firstId, createdAtMs, subscriber, endpoint ?? null);
  };
  const change = ({ id, to, nowMs, announce }: ReplayChange): Replay | undefined => {
    const before = get(id);
    if (before === undefined || isOver(before)) return undefined;
    if (to === "cancelled") return end(before, to, { nowMs, announce });
    statements.setState.run(to, id);
    return { ...before, state: to };
  };
  return {
    addReplay: (replay, idempotency) => write(() => once({ resource: replay, idempotency, add, get })),
    getReplay: async (id) => get(id),
    listReplays: async (request) => list(database, request),
    changeReplay: (request) => write(() => change(request)),
    advanceReplay: (step) => write(() => advance(step)),
    countReplay: async (request) => {
      // Counting takes many steps, and none of them waits for anything: others have their turn in between.
      await setImmediate();
      return count(request);
    },
  };
}

/** Sorts after every id. */
const LAST = "\u{10ffff}";

function list(
  database: DatabaseSync,
  { limit, after = LAST, subscriber, state }: Page & ReplaysFilter,
): readonly Replay[] {
  const isOfState = state === "running" ? "state = 'running'" : "state = ?";
  const wanted = [
    "id < ?",
    ...(subscriber === undefined ? [] : ["subscriber = ?"]),
    ...(state === undefined ? [] : [isOfState]),
  ];
  const values = [subscriber, state === "running" ? undefined : state].filter((value) => value !== undefined);
  return database
    .prepare(`SELECT * FROM replays WHERE ${wanted.join(" AND ")} ORDER BY id DESC LIMIT ?`)
    .all(after, ...values, limit)
    .map(toReplay);
}

function prepare(database: DatabaseSync) {
  return {
    add: database.prepare(
      `INSERT INTO replays (id, subscriber, state, filter, per_second, selected, is_counted, replayed, skipped,
         spent_until_ms, created_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?)`,
    ),
    /** The range of a replay begins with an id, and what is looked at comes after one. */
    addParts: database.prepare(
      `INSERT INTO replay_parts (replay, endpoint, after_id, wake_ms)
       SELECT ?1, id, ?2, ?3 FROM endpoints WHERE subscriber = ?4 AND (?5 IS NULL OR id = ?5)`,
    ),
    get: database.prepare("SELECT * FROM replays WHERE id = ?"),
    setState: database.prepare("UPDATE replays SET state = ? WHERE id = ?"),
  };
}
