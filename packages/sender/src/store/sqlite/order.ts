import type { DatabaseSync } from "node:sqlite";
import { BEHIND_MS, type Ordering } from "../../core/ordering.ts";
import { shardOf } from "../../core/sharding.ts";

/** Where a delivery stands among those of its endpoint that go one after another. */
export interface Place {
  readonly orderKey: string | undefined;
  readonly position: number | undefined;
}

/** The order of deliveries within their keys. All of it inside transactions. */
export function createOrder(database: DatabaseSync) {
  const statements = {
    any: database.prepare("SELECT 1 FROM pending WHERE endpoint = ? AND order_key = ? LIMIT 1"),
    underWay: database.prepare(
      `SELECT 1 FROM pending WHERE endpoint = ? AND order_key = ? AND due_ms < ${BEHIND_MS}`,
    ),
    advance: database.prepare(
      `UPDATE pending SET due_ms = ? WHERE id = (
         SELECT id FROM pending WHERE endpoint = ? AND order_key = ? ORDER BY position, id LIMIT 1)`,
    ),
    nextPosition: database.prepare(
      `INSERT INTO positions (endpoint, last) VALUES (?, 1)
       ON CONFLICT (endpoint) DO UPDATE SET last = last + 1 RETURNING last`,
    ),
    dissolve: database.prepare(
      `UPDATE pending SET due_ms = ?, order_key = NULL, position = NULL
       WHERE id IN (SELECT id FROM pending WHERE shard = ? AND endpoint = ? AND due_ms = ${BEHIND_MS} LIMIT ?)`,
    ),
    forget: database.prepare("DELETE FROM positions WHERE endpoint = ?"),
  };
  return {
    /** The position of a new event: its number within the subject, or the next of the endpoint. */
    positionOf(endpoint: string, ordering: Ordering, sequence: number | undefined): number | undefined {
      return ordering === "endpoint" ? Number(statements.nextPosition.get(endpoint)?.["last"]) : sequence;
    },
    /** When a delivery that comes now is due: at once, or behind those of its key that are there. */
    dueOf(endpoint: string, orderKey: string | undefined, nowMs: number): number {
      const isBehind = orderKey !== undefined && statements.any.get(endpoint, orderKey) !== undefined;
      return isBehind ? BEHIND_MS : nowMs;
    },
    /** Something of the key has come to its end: the next is due, unless one is under way. */
    advance(endpoint: string, orderKey: string | undefined, nowMs: number): void {
      if (orderKey === undefined || statements.underWay.get(endpoint, orderKey) !== undefined) return;
      statements.advance.run(nowMs, endpoint, orderKey);
    },
    /** Makes up to `limit` of those that wait due in any order. Returns how many those were. */
    dissolve(endpoint: string, limit: number, nowMs: number): number {
      return Number(statements.dissolve.run(nowMs, shardOf(endpoint), endpoint, limit).changes);
    },
    forget: (endpoint: string) => void statements.forget.run(endpoint),
  };
}
