import type { DatabaseSync } from "node:sqlite";
import type { Attempt, DeliveryState } from "../../core/model.ts";

export interface Finish {
  readonly id: string;
  readonly state: Exclude<DeliveryState, "scheduled">;
  readonly attempts: number;
  readonly nowMs: number;
  readonly reason?: string;
}

/** The two ways into history: an attempt that was made, and a delivery that came to its end. */
export function createHistory(database: DatabaseSync) {
  const statements = {
    insertAttempt: database.prepare(
      `INSERT OR IGNORE INTO attempts (delivery, number, started_ms, duration_ms, outcome, status, response)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    finish: database.prepare(
      `INSERT INTO finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms, reason)
       SELECT id, event, event_type, endpoint, subscriber, ?, ?, created_ms, ?, ? FROM pending WHERE id = ?`,
    ),
    remove: database.prepare("DELETE FROM pending WHERE id = ?"),
  };
  return {
    record(attempt: Attempt): void {
      statements.insertAttempt.run(
        attempt.delivery,
        attempt.number,
        attempt.startedAtMs,
        Math.round(attempt.durationMs),
        attempt.outcome,
        attempt.status ?? null,
        attempt.response ?? null,
      );
    },
    /** Moves a pending delivery into history. False when it is not pending. */
    finish({ id, state, attempts, nowMs, reason }: Finish): boolean {
      if (statements.finish.run(state, attempts, nowMs, reason ?? null, id).changes === 0) return false;
      statements.remove.run(id);
      return true;
    },
  };
}
