import { shardOf } from "../../core/sharding.ts";
import type { Session, Statement } from "./database.ts";

/**
 * What others end at this moment is left to them: they lock in an order of their own, and each would wait for the other.
 *
 * $1 shard, $2 endpoint, $3 now, $4 how many
 */
const CANCEL: Statement = {
  name: "cancel_orphans",
  text: `
    WITH found AS MATERIALIZED (
      SELECT shard, endpoint, due_ms, id FROM hooks.pending WHERE shard = $1 AND endpoint = $2
        AND NOT EXISTS (SELECT FROM hooks.endpoints WHERE endpoints.id = $2)
      LIMIT $4
      FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM hooks.pending USING found
      WHERE (pending.shard, pending.endpoint, pending.due_ms, pending.id)
        = (found.shard, found.endpoint, found.due_ms, found.id)
      RETURNING pending.*
    )
    INSERT INTO hooks.finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms,
      reason, rendition)
    SELECT id, event, event_type, endpoint, subscriber, 'cancelled', attempts, created_ms, $3::bigint,
      'endpoint_removed', rendition
    FROM gone RETURNING id`,
};

const BATCH = 2_000;

/**
 * Ends what is scheduled for an endpoint that is gone, in batches that each are done within the time of a statement. A
 * publisher that had read its targets before adds more, which whoever looks for what is due finds.
 */
export async function cancelOrphans(query: Session["query"], endpoint: string, nowMs: number): Promise<void> {
  while ((await cancelSomeOrphans(query, endpoint, nowMs)) === BATCH);
}

/** Ends one batch of it, and says how many those were. */
export async function cancelSomeOrphans(
  query: Session["query"],
  endpoint: string,
  nowMs: number,
): Promise<number> {
  return (await query(CANCEL, [shardOf(endpoint), endpoint, nowMs, BATCH])).length;
}
