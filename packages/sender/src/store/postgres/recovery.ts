import type { Session, Statement } from "./database.ts";
import { numbers, texts } from "./parameters.ts";

export interface Interruption {
  /** Those that are gone. */
  readonly workers: readonly string[];
  readonly shards: readonly number[];
  readonly nowMs: number;
  readonly maxInterruptions: number;
}

/**
 * Counts what the workers had in flight in these shards as attempts, and parks what has now been in too many crashes. A
 * delivery whose count has moved on was settled; only its batch was not finished.
 *
 * $1 workers, $2 shards, $3 now, $4 the most interruptions
 */
const INTERRUPT: Statement = {
  name: "interrupt",
  text: `
    WITH entries AS MATERIALIZED (
      SELECT DISTINCT ON (entry.delivery) entry.delivery, entry.attempt, journal.taken_ms
      FROM hooks.journal CROSS JOIN LATERAL unnest(journal.deliveries, journal.attempts, journal.shards)
        AS entry (delivery, attempt, shard)
      JOIN hooks.pending ON pending.id = entry.delivery AND pending.attempts = entry.attempt - 1
      WHERE journal.worker = ANY ($1::text[]) AND entry.shard = ANY ($2::smallint[])
      ORDER BY entry.delivery, journal.batch DESC
    ), parked AS (
      DELETE FROM hooks.pending USING entries
      WHERE pending.id = entries.delivery AND pending.interruptions + 1 >= $4::integer
      RETURNING pending.*, entries.attempt, entries.taken_ms
    ), finished AS (
      INSERT INTO hooks.finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms,
        reason, rendition, order_key, position, last_started_ms, last_duration_ms, last_outcome)
      SELECT id, event, event_type, endpoint, subscriber, 'dead', attempt, created_ms, $3::bigint,
        'interrupted_repeatedly', rendition, order_key, position, taken_ms, 0, 'interrupted'
      FROM parked
    ), changed AS (
      INSERT INTO hooks.key_changes (shard, endpoint, order_key)
      SELECT shard, endpoint, order_key FROM parked WHERE order_key IS NOT NULL
    ), counted AS (
      UPDATE hooks.pending SET attempts = entries.attempt, interruptions = pending.interruptions + 1
      FROM entries WHERE pending.id = entries.delivery AND pending.interruptions + 1 < $4::integer
      RETURNING pending.id, entries.attempt, entries.taken_ms
    )
    INSERT INTO hooks.attempts (delivery, number, started_ms, duration_ms, outcome)
    SELECT id, attempt, taken_ms, 0, 'interrupted' FROM counted ON CONFLICT DO NOTHING`,
};

/** Inside the transaction that takes the shards over. */
export async function interrupt(
  query: Session["query"],
  { workers, shards, nowMs, maxInterruptions }: Interruption,
): Promise<void> {
  await query(INTERRUPT, [texts(workers), numbers(shards), nowMs, maxInterruptions]);
}
