import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Delivery } from "../../core/model.ts";
import { BEHIND_MS } from "../../core/ordering.ts";
import type { DeliveryFilter, Page, Records, Rendered } from "../../store.ts";
import type { Seals } from "../seals.ts";
import type { Write } from "./commit-queue.ts";
import { createHistory } from "./history.ts";
import { createOrder } from "./order.ts";
import { createPending } from "./pending.ts";
import { createReviving } from "./reviving.ts";
import { toAttempt, toEvent, toFinished, toScheduled } from "../rows.ts";
import { deliveryColumns } from "./rows.ts";

/** Sorts after every id. */
const LAST = "\u{10ffff}";

/** What has been published and what became of it. */
export function createRecords(database: DatabaseSync, write: Write, seals: Seals): Records {
  const statements = prepare(database);
  const history = createHistory(database, seals);
  const revive = createReviving(database, seals);
  const pending = createPending(database);
  const order = createOrder(database);
  const scheduled = (id: string): Delivery | undefined => {
    const found = pending.find(id);
    if (found === undefined) return undefined;
    const {
      interruptions: _,
      rendition: _rendition,
      orderKey: _key,
      position: _position,
      ...delivery
    } = found;
    return delivery;
  };
  const finished = (id: string): Delivery | undefined => {
    const row = statements.getFinished.get(id);
    return row === undefined ? undefined : toFinished(row);
  };

  const retry = (id: string, nowMs: number, rendered?: Rendered): Delivery | undefined => {
    const delivery = scheduled(id) ?? finished(id);
    const isRevivable =
      delivery?.state === "dead" &&
      (delivery.version !== undefined || rendered !== undefined) &&
      statements.hasEndpoint.get(delivery.endpoint) !== undefined;
    if (delivery?.state === "scheduled") {
      statements.makeDue.run(nowMs, id);
    } else if (isRevivable) {
      revive({ delivery, rendered: delivery.version === undefined ? rendered : undefined, nowMs });
    } else return undefined;
    return scheduled(id);
  };

  const cancel = (id: string, nowMs: number): Delivery | undefined => {
    const delivery = pending.find(id);
    if (delivery === undefined) return undefined;
    pending.remove(id);
    order.advance(delivery.endpoint, delivery.orderKey, nowMs);
    history.finish({ ...delivery, state: "cancelled", nowMs, reason: "cancelled" });
    return finished(id);
  };

  return {
    getEvent: async (id) => {
      const row = statements.getEvent.get(id);
      return row === undefined ? undefined : toEvent(row, seals);
    },
    listEvents: async ({ limit, after = LAST, type }) =>
      (type === undefined
        ? statements.listEvents.all(after, limit)
        : statements.listEventsOfType.all(type, after, limit)
      ).map((row) => toEvent(row, seals)),
    getDelivery: async (id) => scheduled(id) ?? finished(id),
    listDeliveries: async (request) => listDeliveries(database, request),
    listAttempts: async (delivery) =>
      statements.listAttempts.all(delivery).map((row) => toAttempt(row, seals)),
    retryDelivery: (id, nowMs, rendered) => write(() => retry(id, nowMs, rendered)),
    cancelDelivery: (id, nowMs) => write(() => cancel(id, nowMs)),
  };
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** Scheduled and finished deliveries stand in two tables; the newest of both, merged, are the newest of all. */
function listDeliveries(
  database: DatabaseSync,
  { limit, after = LAST, state, ...filter }: Page & DeliveryFilter,
): readonly Delivery[] {
  const wanted: Condition[] = [{ sql: "id < ?", values: [after] }];
  if (filter.event !== undefined) {
    wanted.push({
      sql: `event = ? AND id BETWEEN (SELECT first_delivery FROM events WHERE id = ?)
        AND (SELECT last_delivery FROM events WHERE id = ?)`,
      values: [filter.event, filter.event, filter.event],
    });
  }
  if (filter.endpoint !== undefined) wanted.push({ sql: "endpoint = ?", values: [filter.endpoint] });
  // Dead ones have an index of their own, which applies only where the state is written out.
  if (state === "dead") wanted.push({ sql: "state = 'dead'", values: [] });
  if (state === "delivered" || state === "cancelled") wanted.push({ sql: "state = ?", values: [state] });
  const select = (table: "pending" | "finished") => {
    const sql = `SELECT ${deliveryColumns(table)} FROM ${table} WHERE ${wanted.map((one) => one.sql).join(" AND ")} ORDER BY id DESC LIMIT ?`;
    return database.prepare(sql).all(...wanted.flatMap((one) => one.values), limit);
  };
  const scheduled = state === undefined || state === "scheduled" ? select("pending").map(toScheduled) : [];
  const finished = state === "scheduled" ? [] : select("finished").map(toFinished);
  const found = [...scheduled, ...finished];
  return found.toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, limit);
}

function prepare(database: DatabaseSync) {
  return {
    getEvent: database.prepare("SELECT * FROM events WHERE id = ?"),
    listEvents: database.prepare("SELECT * FROM events WHERE id < ? ORDER BY id DESC LIMIT ?"),
    listEventsOfType: database.prepare(
      "SELECT * FROM events WHERE type = ? AND id < ? ORDER BY id DESC LIMIT ?",
    ),
    getFinished: database.prepare(`SELECT ${deliveryColumns("finished")} FROM finished WHERE id = ?`),
    listAttempts: database.prepare(
      `SELECT * FROM attempts WHERE delivery = ?1
       UNION ALL
       SELECT id, attempts, last_started_ms, last_duration_ms, last_outcome, last_status, last_response FROM finished
         WHERE id = ?1 AND last_outcome IS NOT NULL
       ORDER BY number`,
    ),
    makeDue: database.prepare(
      `UPDATE pending SET due_ms = iif(due_ms = ${BEHIND_MS}, due_ms, ?), attempts_before_schedule = attempts WHERE id = ?`,
    ),
    hasEndpoint: database.prepare("SELECT 1 FROM endpoints WHERE id = ?"),
  };
}
