import type { DatabaseSync } from "node:sqlite";
import type { Delivery } from "../../core/model.ts";
import { shardOf } from "../../core/sharding.ts";
import type { Rendered } from "../../store.ts";
import type { Seals } from "../seals.ts";
import { createOrder } from "./order.ts";
import { createRenditions } from "./renditions.ts";

export interface Revival {
  readonly delivery: Pick<Delivery, "id" | "event" | "endpoint">;
  /** What it is to send from now on; absent where it goes on with what it sent. */
  readonly rendered: Rendered | undefined;
  readonly nowMs: number;
}

/**
 * The way back from history: a finished delivery of an existing endpoint is due again, with its schedule anew, and in its
 * old place where the endpoint is ordered. Inside a transaction.
 */
export function createReviving(database: DatabaseSync, seals: Seals): (revival: Revival) => void {
  const order = createOrder(database);
  const renditions = createRenditions(database, seals);
  const statements = prepare(database);
  return ({ delivery: { id, event, endpoint }, rendered, nowMs }) => {
    if (rendered !== undefined) statements.setRendition.run(renditions.keep(event, rendered), id);
    statements.keepLastAttempt.run(id);
    const orderKey = statements.orderKeyOf.get(id)?.["order_key"] as string | null;
    const dueMs = order.dueOf(endpoint, orderKey ?? undefined, nowMs);
    statements.revive.run(shardOf(endpoint), dueMs, id);
    statements.removeFinished.run(id);
  };
}

function prepare(database: DatabaseSync) {
  return {
    keepLastAttempt: database.prepare(
      `INSERT OR IGNORE INTO attempts (delivery, number, started_ms, duration_ms, outcome, status, response)
       SELECT id, attempts, last_started_ms, last_duration_ms, last_outcome, last_status, last_response FROM finished
         WHERE id = ? AND last_outcome IS NOT NULL`,
    ),
    revive: database.prepare(
      `INSERT INTO pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts, attempts_before_schedule,
         interruptions, created_ms, rendition, order_key, position)
       SELECT ?, endpoint, ?, id, event, event_type, subscriber, attempts, attempts, 0, created_ms, rendition,
         order_key, position
       FROM finished WHERE id = ?`,
    ),
    /** Null when its endpoint has no order any more. */
    orderKeyOf: database.prepare(
      `UPDATE finished SET (order_key, position) =
         (SELECT iif(document ->> '$.ordering' = 'none', NULL, order_key), position FROM endpoints WHERE id = finished.endpoint)
       WHERE id = ? RETURNING order_key`,
    ),
    setRendition: database.prepare("UPDATE finished SET rendition = ? WHERE id = ?"),
    removeFinished: database.prepare("DELETE FROM finished WHERE id = ?"),
  };
}
