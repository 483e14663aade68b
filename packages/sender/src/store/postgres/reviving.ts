import { BEHIND_MS } from "../../core/ordering.ts";
import { shardOf } from "../../core/sharding.ts";
import type { Rendered } from "../../store.ts";
import { CLOCK_MS } from "./clock.ts";
import { nameOfPart } from "../seals.ts";
import type { Session, Statement } from "./database.ts";
import type { KeyGuard } from "./keys.ts";
import { numbers, texts } from "./parameters.ts";

/**
 * The way back from history. One with an order key goes behind the others of it, where its owner finds it in its old
 * place. What somebody else has revived meanwhile is left alone, also when it has come to another end; where the endpoint
 * was removed meanwhile, whoever looks for what is due cancels it.
 *
 * $1 now, and arrays of the same length: $2 ids, $3 when they had come to their end, $4 shards, $5 renditions
 */
const REVIVE: Statement = {
  name: "revive",
  text: `
    WITH asked AS MATERIALIZED (
      SELECT * FROM unnest($2::text[], $3::bigint[], $4::smallint[], $5::text[])
      AS asked (id, finished_ms, shard, rendition)
    ), gone AS (
      DELETE FROM hooks.finished USING asked
      WHERE finished.id = asked.id AND finished.finished_ms = asked.finished_ms
      RETURNING finished.*, asked.shard, asked.rendition AS next_rendition
    ), recorded AS (
      INSERT INTO hooks.attempts (delivery, number, started_ms, duration_ms, outcome, status, response)
      SELECT id, attempts, last_started_ms, last_duration_ms, last_outcome, last_status, last_response
      FROM gone WHERE last_outcome IS NOT NULL
      ON CONFLICT DO NOTHING
    ), placed AS (
      SELECT gone.*, CASE WHEN endpoints.document::jsonb ->> 'ordering' <> 'none' THEN gone.order_key END AS kept_key
      FROM gone LEFT JOIN hooks.endpoints ON endpoints.id = gone.endpoint
    ), changed AS (
      INSERT INTO hooks.key_changes (shard, endpoint, order_key)
      SELECT DISTINCT shard, endpoint, kept_key FROM placed WHERE kept_key IS NOT NULL
    )
    INSERT INTO hooks.pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts,
      attempts_before_schedule, interruptions, created_ms, rendition, order_key, position)
    SELECT shard, endpoint, CASE WHEN kept_key IS NULL THEN least($1::bigint, ${CLOCK_MS}) ELSE ${BEHIND_MS} END, id,
      event, event_type, subscriber, attempts, attempts, 0, created_ms, next_rendition, kept_key, position
    FROM placed RETURNING id`,
};

/** $1 event, $2 key, $3 version, $4 body */
const ADD_RENDITION: Statement = {
  name: "add_rendition",
  text: "INSERT INTO hooks.renditions (event, key, version, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
};

export interface Revival {
  readonly id: string;
  readonly endpoint: string;
  /** When it had come to its end. */
  readonly finishedMs: number;
  /** What its row says of what it sends from now on. */
  readonly rendition: string | null;
}

/** Makes finished deliveries due again, with their schedules anew. Says how many of them. */
export async function revive(
  query: Session["query"],
  revivals: readonly Revival[],
  nowMs: number,
): Promise<number> {
  if (revivals.length === 0) return 0;
  const rows = await query(REVIVE, [
    nowMs,
    texts(revivals.map(({ id }) => id)),
    numbers(revivals.map(({ finishedMs }) => finishedMs)),
    numbers(revivals.map(({ endpoint }) => shardOf(endpoint))),
    texts(revivals.map(({ rendition }) => rendition)),
  ]);
  return rows.length;
}

export interface NewRendition {
  readonly event: string;
  readonly rendered: Rendered;
}

/** Keeps what a delivery of an event sends, and gives what its row says of it. */
export async function keepRendition(
  query: Session["query"],
  { seals, requireSteps }: KeyGuard,
  { event, rendered }: NewRendition,
): Promise<string | null> {
  if (rendered.kind === "own") return null;
  const { key, version, body } = rendered;
  const kept = Buffer.from(seals.bytes("rendition", nameOfPart(event, key), body));
  const required = requireSteps();
  await query(ADD_RENDITION, [event, key, version, kept]);
  for (const { statement, values } of required) await query(statement, values);
  return key;
}
