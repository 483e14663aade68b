import type { DatabaseSync } from "node:sqlite";
import type { Seals } from "../seals.ts";
import { createSpans } from "./spans.ts";
import type { Attempt, DeliveryState } from "../../core/model.ts";

/** A delivery that came to its end. */
export interface Finish {
  readonly id: string;
  readonly event: string;
  readonly eventType: string;
  readonly endpoint: string;
  readonly subscriber: string;
  readonly createdAtMs: number;
  readonly state: Exclude<DeliveryState, "scheduled">;
  readonly attempts: number;
  readonly nowMs: number;
  readonly reason?: string | undefined;
  /** What it sends: see the schema. */
  readonly rendition?: string | undefined;
  readonly orderKey?: string | undefined;
  readonly position?: number | undefined;
  /** The attempt that ended it, if one did. */
  readonly last?: Attempt | undefined;
}

/** The two ways into history: an attempt after which there is another, and a delivery that came to its end. */
export function createHistory(database: DatabaseSync, seals: Seals) {
  const statements = {
    insertAttempt: database.prepare(
      `INSERT OR IGNORE INTO attempts (delivery, number, started_ms, duration_ms, outcome, status, response)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    finish: database.prepare(
      `INSERT INTO finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms, reason,
         rendition, order_key, position, last_started_ms, last_duration_ms, last_outcome, last_status, last_response)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  };
  const spans = createSpans(database);
  return {
    /** Of work within one write, what it has in common is written once. */
    together: spans.together,
    record(attempt: Attempt): void {
      statements.insertAttempt.run(attempt.delivery, attempt.number, ...valuesOf(attempt, seals));
    },
    finish({
      id,
      event,
      eventType,
      endpoint,
      subscriber,
      state,
      attempts,
      createdAtMs,
      nowMs,
      reason,
      rendition,
      orderKey,
      position,
      last,
    }: Finish): void {
      spans.add(endpoint, id);
      statements.finish.run(
        id,
        event,
        eventType,
        endpoint,
        subscriber,
        state,
        attempts,
        createdAtMs,
        nowMs,
        reason ?? null,
        rendition ?? null,
        orderKey ?? null,
        position ?? null,
        ...(last === undefined ? NO_ATTEMPT : valuesOf(last, seals)),
      );
    },
  };
}

const NO_ATTEMPT = [null, null, null, null, null] as const;

function valuesOf(attempt: Attempt, seals: Seals) {
  const { delivery, number, startedAtMs, durationMs, outcome, status, response } = attempt;
  const kept = response === undefined ? null : seals.response(delivery, number, response);
  return [startedAtMs, Math.round(durationMs), outcome, status ?? null, kept] as const;
}
