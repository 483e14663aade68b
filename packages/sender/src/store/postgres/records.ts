import type { Delivery, DeliveryState } from "../../core/model.ts";
import { BEHIND_MS } from "../../core/ordering.ts";
import type { DeliveryFilter, Page, Records, Rendered } from "../../store.ts";
import { CLOCK_MS } from "./clock.ts";
import type { Database, Session, Statement } from "./database.ts";
import type { KeyGuard } from "./keys.ts";
import { text, type Parameter } from "./parameters.ts";
import { keepRendition, revive } from "./reviving.ts";
import { toAttempt, toEvent, toFinished, toScheduled } from "../rows.ts";
import { deliveryColumns } from "./rows.ts";

/** Sorts after every id. */
const LAST = "\u{10ffff}";

const STATEMENTS = {
  getEvent: { name: "get_event", text: "SELECT * FROM hooks.events WHERE id = $1" },
  listEvents: {
    name: "list_events",
    text: "SELECT * FROM hooks.events WHERE id < $1 ORDER BY id DESC LIMIT $2",
  },
  listEventsOfType: {
    name: "list_events_of_type",
    text: "SELECT * FROM hooks.events WHERE type = $3 AND id < $1 ORDER BY id DESC LIMIT $2",
  },
  pending: {
    name: "get_pending",
    text: `SELECT ${deliveryColumns("pending")} FROM hooks.pending WHERE id = $1`,
  },
  finished: {
    name: "get_finished",
    text: `SELECT ${deliveryColumns("finished")} FROM hooks.finished WHERE id = $1`,
  },
  listAttempts: {
    name: "list_attempts",
    text: `
      SELECT delivery, number, started_ms, duration_ms, outcome, status, response FROM hooks.attempts WHERE delivery = $1
      UNION ALL
      SELECT id, attempts, last_started_ms, last_duration_ms, last_outcome, last_status, last_response FROM hooks.finished
        WHERE id = $1 AND last_outcome IS NOT NULL
      ORDER BY number`,
  },
  makeDue: {
    name: "make_due",
    text: `
      UPDATE hooks.pending SET attempts_before_schedule = attempts,
        due_ms = CASE WHEN due_ms = ${BEHIND_MS} THEN due_ms ELSE least($2::bigint, ${CLOCK_MS}) END
      WHERE id = $1 RETURNING id`,
  },
  /** Locks it, so that of two who revive it one finds it gone. */
  lockDead: {
    name: "lock_dead",
    text: `
      SELECT event, endpoint, rendition, finished_ms FROM hooks.finished WHERE id = $1 AND state = 'dead'
        AND EXISTS (SELECT FROM hooks.endpoints WHERE endpoints.id = finished.endpoint)
      FOR UPDATE OF finished`,
  },
  cancel: {
    name: "cancel_delivery",
    text: `
      WITH gone AS (
        DELETE FROM hooks.pending WHERE id = $1 RETURNING *
      ), changed AS (
        INSERT INTO hooks.key_changes (shard, endpoint, order_key)
        SELECT shard, endpoint, order_key FROM gone WHERE order_key IS NOT NULL
      )
      INSERT INTO hooks.finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms,
        reason, rendition, order_key, position)
      SELECT id, event, event_type, endpoint, subscriber, 'cancelled', attempts, created_ms, $2::bigint, 'cancelled',
        rendition, order_key, position
      FROM gone RETURNING id`,
  },
} as const satisfies Record<string, Statement>;

/** What has been published and what became of it. */
export function createRecords({ query, session, transaction }: Database, keys: KeyGuard): Records {
  const { seals, sealing } = keys;
  return {
    async getEvent(id) {
      const [row] = await query(STATEMENTS.getEvent, [text(id)]);
      return row === undefined ? undefined : toEvent(row, seals);
    },
    async listEvents({ limit, after = LAST, type }) {
      const values = [text(after), limit];
      const rows = await (type === undefined
        ? query(STATEMENTS.listEvents, values)
        : query(STATEMENTS.listEventsOfType, [...values, text(type)]));
      return rows.map((row) => toEvent(row, seals));
    },
    getDelivery: (id) => find({ query }, id),
    listDeliveries: (request) => session((inside) => listDeliveries(inside, request)),
    listAttempts: async (delivery) =>
      (await query(STATEMENTS.listAttempts, [text(delivery)])).map((row) => toAttempt(row, seals)),
    retryDelivery: (id, nowMs, rendered) =>
      sealing(() => transaction((inside) => retry(inside, id, { nowMs, rendered, keys }))),
    cancelDelivery: (id, nowMs) =>
      transaction(async (inside) => {
        const cancelled = await inside.query(STATEMENTS.cancel, [text(id), nowMs]);
        return cancelled.length === 0 ? undefined : find(inside, id);
      }),
  };
}

/** A delivery moves from `pending` to `finished`, and back when it is revived, perhaps between two looks. */
async function find({ query }: Pick<Session, "query">, id: string): Promise<Delivery | undefined> {
  const scheduled = async () => (await query(STATEMENTS.pending, [text(id)])).map(toScheduled)[0];
  const finished = async () => (await query(STATEMENTS.finished, [text(id)])).map(toFinished)[0];
  return (await scheduled()) ?? (await finished()) ?? scheduled();
}

interface Retry {
  readonly nowMs: number;
  readonly rendered: Rendered | undefined;
  readonly keys: KeyGuard;
}

async function retry(
  session: Session,
  id: string,
  { nowMs, rendered, keys }: Retry,
): Promise<Delivery | undefined> {
  const { query } = session;
  const isScheduled = (await query(STATEMENTS.makeDue, [text(id), nowMs])).length > 0;
  if (isScheduled) return find(session, id);
  const [dead] = await query(STATEMENTS.lockDead, [text(id)]);
  if (dead === undefined) return undefined;
  let rendition = dead["rendition"] === null ? null : String(dead["rendition"]);
  if (rendition === "") {
    if (rendered === undefined) return undefined;
    rendition = await keepRendition(query, keys, { event: String(dead["event"]), rendered });
  }
  const finishedMs = Number(dead["finished_ms"]);
  await revive(query, [{ id, endpoint: String(dead["endpoint"]), finishedMs, rendition }], nowMs);
  return find(session, id);
}

/** Written out, and not a parameter: dead ones have an index of their own, which applies only so. */
const OF_STATE: Readonly<Record<DeliveryState, string>> = {
  scheduled: "false",
  delivered: "state = 'delivered'",
  dead: "state = 'dead'",
  cancelled: "state = 'cancelled'",
};

/** Scheduled and finished deliveries stand in two tables; the newest of both, merged, are the newest of all. */
async function listDeliveries(
  { query }: Session,
  { limit, after = LAST, state, ...filter }: Page & DeliveryFilter,
): Promise<readonly Delivery[]> {
  const values: Parameter[] = [text(after), limit];
  const conditions = ["id < $1"];
  const names: string[] = [];
  const want = (name: string, value: string, condition: (parameter: string) => string) => {
    values.push(text(value));
    names.push(name);
    conditions.push(condition(`$${values.length}`));
  };
  if (filter.event !== undefined)
    want(
      "event",
      filter.event,
      (event) => `event = ${event} AND id BETWEEN
      (SELECT first_delivery FROM hooks.events WHERE events.id = ${event})
      AND (SELECT last_delivery FROM hooks.events WHERE events.id = ${event})`,
    );
  if (filter.endpoint !== undefined)
    want("endpoint", filter.endpoint, (endpoint) => `endpoint = ${endpoint}`);
  const select = (table: "pending" | "finished", ofState: string) => {
    const where = [...conditions, ofState].join(" AND ");
    const statement = {
      name: ["list", table, ...names, state ?? "all"].join("_"),
      text: `SELECT ${deliveryColumns(table)} FROM hooks.${table} WHERE ${where} ORDER BY id DESC LIMIT $2`,
    };
    return query(statement, values);
  };
  const ofState = state === undefined ? "true" : OF_STATE[state];
  const [scheduled, finished] = await Promise.all([
    state === undefined || state === "scheduled" ? select("pending", "true") : [],
    state === "scheduled" ? [] : select("finished", ofState),
  ]);
  const found = [...scheduled.map(toScheduled), ...finished.map(toFinished)];
  return found.toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, limit);
}
