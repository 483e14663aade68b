import { isOver, type Replay, type ReplayState } from "../../core/replay.ts";
import type { Page, ReplayChange, Replays, ReplaysFilter } from "../../store.ts";
import { rangeOf } from "../replaying.ts";
import type { Database, Session, Statement, Step } from "./database.ts";
import { addOnce } from "./idempotency.ts";
import type { KeyGuard } from "./keys.ts";
import { text } from "./parameters.ts";
import { countSelected } from "./replay-count.ts";
import { endReplay } from "./replay-end.ts";
import { toReplay } from "../replay-row.ts";
import { advance } from "./replay-step.ts";

const STATEMENTS = {
  add: {
    name: "add_replay",
    text: `
      INSERT INTO hooks.replays (id, subscriber, state, filter, per_second, selected, is_counted, replayed, skipped,
        spent_until_ms, created_ms)
      VALUES ($1, $2, $3, $4, $5::double precision, $6::bigint, $7::text = 't', 0, 0, 0, $8::bigint)`,
  },
  /** $1 replay, $2 after which id, $3 now, $4 subscriber, $5 the only endpoint */
  addParts: {
    name: "add_parts",
    text: `
      INSERT INTO hooks.replay_parts (replay, endpoint, after_id, wake_ms)
      SELECT $1, id, $2, $3::bigint FROM hooks.endpoints
      WHERE subscriber = $4 AND ($5::text IS NULL OR id = $5::text)`,
  },
  get: { name: "get_replay", text: "SELECT * FROM hooks.replays WHERE id = $1" },
  lock: { name: "lock_replay", text: "SELECT * FROM hooks.replays WHERE id = $1 FOR UPDATE" },
  setState: { name: "set_replay_state", text: "UPDATE hooks.replays SET state = $2 WHERE id = $1" },
} as const satisfies Record<string, Statement>;

/** Jobs that send again. */
export function createReplays(database: Database, keys: KeyGuard): Replays {
  const { query, session, transaction } = database;
  return {
    addReplay: (replay, idempotency) =>
      addOnce(database, keys, { resource: replay, idempotency, add: stepsOf(replay), get }),
    getReplay: (id) => get(query, id),
    listReplays: (request) => session((inside) => list(inside.query, request)),
    changeReplay: (request) => transaction((inside) => change(inside.query, request)),
    advanceReplay: (step) => keys.sealing(() => transaction((inside) => advance(inside, keys, step))),
    countReplay: (request) => session((inside) => countSelected(inside.query, request)),
  };
}

function stepsOf({
  id,
  filter,
  perSecond,
  state,
  selected,
  isCounted,
  createdAtMs,
}: Replay): readonly Step[] {
  const { subscriber, endpoint } = filter;
  const counts = [perSecond ?? null, selected, isCounted ? "t" : "f", createdAtMs];
  return [
    { statement: STATEMENTS.add, values: [id, subscriber, state, JSON.stringify(filter), ...counts] },
    {
      statement: STATEMENTS.addParts,
      // The range begins with an id, and what is looked at comes after one.
      values: [id, rangeOf(filter).firstId, createdAtMs, subscriber, endpoint ?? null],
    },
  ];
}

async function get(query: Session["query"], id: string): Promise<Replay | undefined> {
  const [row] = await query(STATEMENTS.get, [text(id)]);
  return row === undefined ? undefined : toReplay(row);
}

async function change(
  query: Session["query"],
  { id, to, nowMs, announce }: ReplayChange,
): Promise<Replay | undefined> {
  const [row] = await query(STATEMENTS.lock, [text(id)]);
  const before = row === undefined ? undefined : toReplay(row);
  if (before === undefined || isOver(before)) return undefined;
  if (to === "cancelled") return endReplay(query, before, { state: to, nowMs, announce });
  await query(STATEMENTS.setState, [id, to]);
  return { ...before, state: to };
}

/** Sorts after every id. */
const LAST = "\u{10ffff}";

/** Written out: running ones have an index of their own, which applies only so. */
const OF_STATE: Readonly<Record<ReplayState, string>> = {
  running: "state = 'running'",
  paused: "state = 'paused'",
  finished: "state = 'finished'",
  cancelled: "state = 'cancelled'",
};

async function list(
  query: Session["query"],
  { limit, after = LAST, subscriber, state }: Page & ReplaysFilter,
): Promise<readonly Replay[]> {
  const statement = {
    name: ["list_replays", subscriber === undefined ? "all" : "of_subscriber", state ?? "any"].join("_"),
    text: `SELECT * FROM hooks.replays WHERE id < $1
      ${subscriber === undefined ? "" : "AND subscriber = $3"}
      ${state === undefined ? "" : `AND ${OF_STATE[state]}`}
      ORDER BY id DESC LIMIT $2`,
  };
  const values = [text(after), limit, ...(subscriber === undefined ? [] : [text(subscriber)])];
  return (await query(statement, values)).map(toReplay);
}
