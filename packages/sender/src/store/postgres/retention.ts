import { IDEMPOTENCY_MS, type Retention } from "../../store.ts";
import type { Database, Statement } from "./database.ts";

/**
 * An event goes when as many of its deliveries as it was given have come to their end and are locked here: one that
 * somebody revives at this moment is passed over, and so is whatever anybody else holds.
 *
 * $1 published before, $2 and $3 after which event, $4 how many
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
      SELECT * FROM weighed WHERE weight - 1 - deliveries < $4::bigint
    ), ended AS MATERIALIZED (
      SELECT finished.id, chosen.id AS event, chosen.deliveries
      FROM chosen JOIN hooks.finished
        ON finished.id BETWEEN chosen.first_delivery AND chosen.last_delivery AND finished.event = chosen.id
      FOR UPDATE OF finished SKIP LOCKED
    ), counted AS (
      SELECT id, event, count(*) OVER (PARTITION BY event) = deliveries AS is_over FROM ended
    ), going AS MATERIALIZED (
      SELECT id, event FROM counted WHERE is_over
    ), over AS MATERIALIZED (
      SELECT DISTINCT event AS id FROM going UNION ALL SELECT id FROM chosen WHERE deliveries = 0
    ), attempts AS (
      DELETE FROM hooks.attempts USING going WHERE attempts.delivery = going.id
    ), deliveries AS (
      DELETE FROM hooks.finished USING going WHERE finished.id = going.id
    ), renditions AS (
      DELETE FROM hooks.renditions USING over WHERE renditions.event = over.id
    ), events AS (
      DELETE FROM hooks.events USING over WHERE events.id = over.id
    )
    SELECT published_ms, id, (SELECT count(*) FROM over) AS events
    FROM chosen ORDER BY published_ms DESC, id DESC LIMIT 1`,
};

const OTHERS = {
  /** $1 refused before, $2 how many */
  submissions: {
    name: "purge_submissions",
    text: `
      DELETE FROM hooks.outbox WHERE number = ANY (ARRAY(
        SELECT number FROM hooks.outbox WHERE refused_code IS NOT NULL AND refused_ms < $1::bigint
        ORDER BY refused_ms LIMIT $2::bigint FOR UPDATE SKIP LOCKED))
      RETURNING number`,
  },
  /** $1 over before, $2 how many */
  replays: {
    name: "purge_replays",
    text: `
      DELETE FROM hooks.replays WHERE id = ANY (ARRAY(
        SELECT id FROM hooks.replays WHERE finished_ms IS NOT NULL AND finished_ms < $1::bigint
        ORDER BY finished_ms LIMIT $2::bigint FOR UPDATE SKIP LOCKED))
      RETURNING id`,
  },
  /** $1 made until, $2 how many */
  keys: {
    name: "purge_keys",
    text: `
      DELETE FROM hooks.idempotency WHERE key = ANY (ARRAY(
        SELECT key FROM hooks.idempotency WHERE created_ms <= $1::bigint
        ORDER BY created_ms LIMIT $2::bigint FOR UPDATE SKIP LOCKED))
      RETURNING key`,
  },
} as const satisfies Record<string, Statement>;

/** Removing what is old, each kind in a transaction of its own. */
export function createRetention({ query }: Pick<Database, "query">): Retention {
  return {
    async purge({ beforeMs, nowMs, limit, after }) {
      const [last] = await query(EVENTS, [beforeMs, after?.publishedMs ?? -1, after?.id ?? "", limit]);
      const submissions = await query(OTHERS.submissions, [beforeMs, limit]);
      const replays = await query(OTHERS.replays, [beforeMs, limit]);
      const keys = await query(OTHERS.keys, [nowMs - IDEMPOTENCY_MS, limit]);
      return {
        events: Number(last?.["events"] ?? 0),
        after:
          last === undefined ? after : { publishedMs: Number(last["published_ms"]), id: String(last["id"]) },
        hasMore: last !== undefined || [submissions, keys, replays].some(({ length }) => length === limit),
      };
    },
  };
}
