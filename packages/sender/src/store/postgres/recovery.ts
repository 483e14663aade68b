import { ALONE_MS, MAX_PLACE } from "../../core/delivery.ts";
import type { AnnounceDeath } from "../../store.ts";
import type { Seals } from "../seals.ts";
import { announceStep } from "./announcing.ts";
import { CLOCK_MS } from "./clock.ts";
import type { Session, Statement } from "./database.ts";
import { numbers, texts } from "./parameters.ts";
import { toEndpointToServe } from "./rows.ts";

const INTERRUPTED = "interrupted_repeatedly";

export interface Interruption {
  /** Those that are gone. */
  readonly workers: readonly string[];
  readonly shards: readonly number[];
  readonly nowMs: number;
  readonly maxInterruptions: number;
  readonly announceDeath?: AnnounceDeath | undefined;
}

/**
 * Counts what the workers had in flight in these shards as attempts, and parks what has now been in too many crashes. One
 * that has been in two goes alone: all of a worker have places, whoever takes over which shards. A delivery whose count has moved on was settled; only its batch was not finished.
 *
 * $1 workers, $2 shards, $3 now, $4 the most interruptions
 */
const INTERRUPT: Statement = {
  name: "interrupt",
  text: `
    WITH journalled AS (
      SELECT DISTINCT ON (entry.delivery) entry.delivery, entry.attempt, entry.shard, journal.taken_ms,
        entry.attempt - 1 = pending.attempts AS is_in_flight,
        pending.interruptions + entry.attempt - pending.attempts AS interruptions
      FROM hooks.journal CROSS JOIN LATERAL unnest(journal.deliveries, journal.attempts, journal.shards)
        AS entry (delivery, attempt, shard)
      JOIN hooks.pending ON pending.id = entry.delivery AND pending.attempts IN (entry.attempt - 1, entry.attempt)
      WHERE journal.worker = ANY ($1::text[])
      ORDER BY entry.delivery, journal.batch DESC
    ), placed AS (
      SELECT *, count(*) FILTER (WHERE interruptions > 1) OVER (ORDER BY delivery) AS place FROM journalled
    ), entries AS MATERIALIZED (
      SELECT * FROM placed WHERE is_in_flight AND shard = ANY ($2::smallint[])
    ), parked AS (
      DELETE FROM hooks.pending USING entries
      WHERE pending.id = entries.delivery AND entries.interruptions >= $4::integer
      RETURNING pending.*, entries.attempt, entries.taken_ms
    ), finished AS (
      INSERT INTO hooks.finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms,
        reason, rendition, order_key, position, last_started_ms, last_duration_ms, last_outcome)
      SELECT id, event, event_type, endpoint, subscriber, 'dead', attempt, created_ms, $3::bigint,
        '${INTERRUPTED}', rendition, order_key, position, taken_ms, 0, 'interrupted'
      FROM parked
    ), changed AS (
      INSERT INTO hooks.key_changes (shard, endpoint, order_key)
      SELECT shard, endpoint, order_key FROM parked WHERE order_key IS NOT NULL
    ), counted AS (
      UPDATE hooks.pending SET attempts = entries.attempt, interruptions = entries.interruptions,
        due_ms = CASE WHEN entries.interruptions < 2 THEN pending.due_ms
          ELSE least($3::bigint, ${CLOCK_MS}) + least(place, ${MAX_PLACE}) * ${ALONE_MS} END
      FROM entries WHERE pending.id = entries.delivery AND entries.interruptions < $4::integer
      RETURNING pending.id, entries.attempt, entries.taken_ms
    ), recorded AS (
      INSERT INTO hooks.attempts (delivery, number, started_ms, duration_ms, outcome)
      SELECT id, attempt, taken_ms, 0, 'interrupted' FROM counted ON CONFLICT DO NOTHING
    )
    SELECT parked.id AS delivery, parked.event, parked.event_type, parked.attempt, parked.endpoint,
      endpoints.document, endpoints.state, endpoints.disabled_reason, endpoints.revision, endpoints.updated_ms
    FROM parked JOIN hooks.endpoints ON endpoints.id = parked.endpoint`,
};

/** Inside the transaction that takes the shards over. */
export async function interrupt(
  query: Session["query"],
  seals: Seals,
  { workers, shards, nowMs, maxInterruptions, announceDeath }: Interruption,
): Promise<void> {
  const parked = await query(INTERRUPT, [texts(workers), numbers(shards), nowMs, maxInterruptions]);
  const announcements = parked.flatMap((row) => {
    const announcement = announceDeath?.({
      delivery: {
        id: String(row["delivery"]),
        event: String(row["event"]),
        eventType: String(row["event_type"]),
      },
      reason: INTERRUPTED,
      attempt: { number: Number(row["attempt"]), outcome: "interrupted" },
      endpoint: toEndpointToServe(row, seals),
      nowMs,
    });
    return announcement === undefined ? [] : [announcement];
  });
  if (announcements.length === 0) return;
  const { statement, values } = announceStep(announcements, nowMs);
  await query(statement, values);
}
