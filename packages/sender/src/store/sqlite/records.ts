import type { DatabaseSync } from "node:sqlite";
import type { Delivery } from "../../core/model.ts";
import { BEHIND_MS } from "../../core/ordering.ts";
import type { Records, Rendered } from "../../store.ts";
import type { Seals } from "../seals.ts";
import type { Write } from "./commit-queue.ts";
import { createSnapshot } from "./database.ts";
import { createHistory } from "./history.ts";
import { createList } from "./listing.ts";
import { createOrder } from "./order.ts";
import { createPending } from "./pending.ts";
import { createReviving } from "./reviving.ts";
import { toAttempt, toEvent, toFinished } from "../rows.ts";
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
  const listDeliveries = createList(database);
  const atOnce = createSnapshot(database);
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
    getDelivery: async (id) => atOnce(() => scheduled(id) ?? finished(id)),
    listDeliveries: async (request) => atOnce(() => listDeliveries(request)),
    listAttempts: async (delivery) =>
      statements.listAttempts.all(delivery).map((row) => toAttempt(row, seals)),
    retryDelivery: (id, nowMs, rendered) => write(() => retry(id, nowMs, rendered)),
    cancelDelivery: (id, nowMs) => write(() => cancel(id, nowMs)),
  };
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
