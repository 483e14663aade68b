import { IDEMPOTENCY_MS, type Purged, type PurgeRequest, type Retention } from "../../store.ts";
import type { Database, Row, Statement } from "./database.ts";

/**
 * Removes the first deliveries of the oldest events, and with the last of its deliveries an event; of one with something
 * pending nothing. A delivery weighs as much as it has attempts. Nobody is waited for: what somebody else holds, or revives
 * at this moment, is passed over, and its event stays with it. An event counts the deliveries that it still has and knows
 * the first of them, so what is gone is not walked over again.
 *
 * A row for every event that was looked at, the oldest first.
 *
 * $1 published before, $2 and $3 after which event, $4 how much
 */
const EVENTS: Statement = {
  name: "purge_events",
  text: `
    WITH old AS MATERIALIZED (
      SELECT id, published_ms, deliveries, first_delivery, last_delivery FROM hooks.events
      WHERE published_ms < $1::bigint AND (published_ms, id) > ($2::bigint, $3::text)
      ORDER BY published_ms, id LIMIT $4::bigint
      FOR UPDATE SKIP LOCKED
    ), weighed AS (
      SELECT old.*, sum(1 + deliveries) OVER (ORDER BY published_ms, id ROWS UNBOUNDED PRECEDING) AS weight FROM old
    ), chosen AS MATERIALIZED (
      SELECT weighed.*, EXISTS (
        SELECT FROM hooks.pending
        WHERE pending.id BETWEEN first_delivery AND last_delivery AND pending.event = weighed.id
      ) AS is_held
      FROM weighed WHERE weight - 1 - deliveries < $4::bigint
    ), found AS MATERIALIZED (
      SELECT ended.id, chosen.id AS event, sum(ended.weight) OVER (
          ORDER BY published_ms, chosen.id, ended.id ROWS UNBOUNDED PRECEDING
        ) - ended.weight AS weight_before
      FROM chosen CROSS JOIN LATERAL (
        SELECT finished.id, greatest(1, finished.attempts) AS weight FROM hooks.finished
        WHERE finished.id BETWEEN first_delivery AND last_delivery AND finished.event = chosen.id
        ORDER BY finished.id LIMIT $4::bigint
      ) AS ended
      WHERE NOT is_held
    ), going AS MATERIALIZED (
      SELECT finished.id, finished.event FROM found JOIN hooks.finished ON finished.id = found.id
      WHERE weight_before < $4::bigint
      FOR UPDATE OF finished SKIP LOCKED
    ), removed AS (
      SELECT event, count(*) AS count FROM going GROUP BY event
    ), kept AS (
      SELECT event, min(id) AS first, bool_or(weight_before >= $4::bigint) AS is_cut FROM found GROUP BY event
    ), seen AS MATERIALIZED (
      SELECT chosen.id, published_ms, coalesce(count, 0) AS removed, first,
        NOT is_held AND deliveries = coalesce(count, 0) AS is_over,
        NOT is_held AND deliveries > coalesce(count, 0) AND (count > 0 OR is_cut) AS is_begun
      FROM chosen LEFT JOIN removed ON removed.event = chosen.id LEFT JOIN kept ON kept.event = chosen.id
    ), attempts AS (
      DELETE FROM hooks.attempts USING going WHERE attempts.delivery = going.id
    ), deliveries AS (
      DELETE FROM hooks.finished USING going WHERE finished.id = going.id
    ), renditions AS (
      DELETE FROM hooks.renditions USING seen WHERE is_over AND renditions.event = seen.id
    ), events AS (
      DELETE FROM hooks.events USING seen WHERE is_over AND events.id = seen.id
    ), begun AS (
      UPDATE hooks.events SET deliveries = events.deliveries - removed, first_delivery = first
      FROM seen WHERE is_begun AND removed > 0 AND events.id = seen.id
    )
    SELECT published_ms, id, is_over, is_begun FROM seen ORDER BY published_ms, id`,
};

/** What goes by an age of its own. In the order of the values: $1 the time, $2 how many. */
const OTHERS = {
  submissions: purgeOf("outbox", {
    key: "number",
    age: "refused_ms",
    isOld: "refused_code IS NOT NULL AND refused_ms < $1",
  }),
  replays: purgeOf("replays", {
    key: "id",
    age: "finished_ms",
    isOld: "finished_ms IS NOT NULL AND finished_ms < $1",
  }),
  keys: purgeOf("idempotency", { key: "key", age: "created_ms", isOld: "created_ms <= $1" }),
} as const satisfies Record<string, Statement>;

interface Aged {
  readonly key: string;
  readonly age: string;
  readonly isOld: string;
}

function purgeOf(table: string, { key, age, isOld }: Aged): Statement {
  return {
    name: `purge_${table}`,
    text: `
      DELETE FROM hooks.${table} WHERE ${key} = ANY (ARRAY(
        SELECT ${key} FROM hooks.${table} WHERE ${isOld} ORDER BY ${age} LIMIT $2::bigint FOR UPDATE SKIP LOCKED))
      RETURNING ${key}`,
  };
}

/** Removing what is old, each kind in a transaction of its own. */
export function createRetention({ query }: Pick<Database, "query">): Retention {
  return {
    async purge(request) {
      const { beforeMs, nowMs, limit, after } = request;
      const seen = await query(EVENTS, [beforeMs, after?.publishedMs ?? -1, after?.id ?? "", limit]);
      const others = [
        await query(OTHERS.submissions, [beforeMs, limit]),
        await query(OTHERS.replays, [beforeMs, limit]),
        await query(OTHERS.keys, [nowMs - IDEMPOTENCY_MS, limit]),
      ];
      return purgedOf(
        seen,
        request,
        others.some(({ length }) => length === limit),
      );
    },
  };
}

/** It goes on before the first event of which there is something left to remove. */
function purgedOf(seen: readonly Row[], { after }: PurgeRequest, hasOthers: boolean): Purged {
  const begun = seen.findIndex((row) => row["is_begun"]);
  const last = seen[(begun === -1 ? seen.length : begun) - 1];
  return {
    events: seen.filter((row) => row["is_over"]).length,
    after: last === undefined ? after : { publishedMs: Number(last["published_ms"]), id: String(last["id"]) },
    hasMore: seen.length > 0 || hasOthers,
  };
}
