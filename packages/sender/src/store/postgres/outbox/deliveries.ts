import { BEHIND_MS } from "../../../core/ordering.ts";
import { shardOf } from "../../../core/sharding.ts";
import type { Rendering } from "../../rendering.ts";
import { CLOCK_MS } from "../clock.ts";
import type { Statement, Step } from "../database.ts";
import { numbers, texts } from "../parameters.ts";
import type { NewRecord } from "./decide.ts";

/** Due is what is published by the server's clock at the latest: a publisher whose own is ahead delays nothing. */
const STATEMENTS = {
  pending: {
    name: "insert_pending",
    text: `
      INSERT INTO hooks.pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts,
        attempts_before_schedule, interruptions, created_ms, rendition)
      SELECT shard, endpoint, least(now_ms, ${CLOCK_MS}), id, event, event_type, subscriber, 0, 0, 0, now_ms, rendition
      FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
      AS new (shard, endpoint, now_ms, id, event, event_type, subscriber, rendition)`,
  },
  /**
   * Those with an order key, behind what is there of it already, and behind each other. What is there may come to its end
   * at this moment.
   */
  ordered: {
    name: "insert_ordered",
    text: `
      WITH new AS MATERIALIZED (
        SELECT new.*, row_number() OVER (PARTITION BY endpoint, order_key ORDER BY position) AS place,
          EXISTS (
            SELECT FROM hooks.pending WHERE pending.endpoint = new.endpoint AND pending.order_key = new.order_key
          ) AS is_behind
        FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
          $9::text[], $10::bigint[])
        AS new (shard, endpoint, now_ms, id, event, event_type, subscriber, rendition, order_key, position)
      ), changed AS (
        INSERT INTO hooks.key_changes (shard, endpoint, order_key)
        SELECT DISTINCT shard, endpoint, order_key FROM new WHERE is_behind
      )
      INSERT INTO hooks.pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts,
        attempts_before_schedule, interruptions, created_ms, rendition, order_key, position)
      SELECT shard, endpoint, CASE WHEN is_behind OR place > 1 THEN ${BEHIND_MS} ELSE least(now_ms, ${CLOCK_MS}) END, id, event, event_type,
        subscriber, 0, 0, 0, now_ms, rendition, order_key, position
      FROM new`,
  },
  dead: {
    name: "insert_dead",
    text: `
      INSERT INTO hooks.finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms,
        reason, rendition, order_key, position)
      SELECT id, event, event_type, endpoint, subscriber, 'dead', 0, now_ms, now_ms, reason, '', order_key, position
      FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::bigint[])
      AS new (id, endpoint, now_ms, event, event_type, subscriber, reason, order_key, position)`,
  },
} as const satisfies Record<string, Statement>;

/** An event with everything that its rows say. */
export interface Kept extends NewRecord {
  readonly sequence: number | undefined;
  readonly deliveries: readonly (Rendering & {
    readonly id: string;
    readonly position: number | undefined;
  })[];
}

/** Schedules deliveries; those of endpoints that the event could not be rendered for are dead. */
export function deliverySteps(kept: readonly Kept[]): readonly Step[] {
  const all = kept.flatMap(({ event, nowMs, deliveries }) =>
    deliveries.map((delivery) => ({ ...delivery, event, nowMs })),
  );
  const sent = all.filter(({ rendition }) => rendition.kind !== "failed");
  const pending = sent.filter(({ orderKey }) => orderKey === undefined);
  const ordered = sent.filter(({ orderKey }) => orderKey !== undefined);
  const dead = all.filter(({ rendition }) => rendition.kind === "failed");
  const common = (deliveries: typeof all) => ({
    ids: texts(deliveries.map(({ id }) => id)),
    endpoints: texts(deliveries.map(({ endpoint }) => endpoint)),
    times: numbers(deliveries.map(({ nowMs }) => nowMs)),
    events: texts(deliveries.map(({ event }) => event.id)),
    types: texts(deliveries.map(({ event }) => event.type)),
    subscribers: texts(deliveries.map(({ subscriber }) => subscriber)),
    keys: texts(deliveries.map(({ orderKey }) => orderKey)),
    positions: numbers(deliveries.map(({ position }) => position)),
  });
  const steps: Step[] = [];
  const schedule = (deliveries: typeof all) => {
    const { ids, endpoints, times, events, types, subscribers } = common(deliveries);
    const shards = numbers(deliveries.map(({ endpoint }) => shardOf(endpoint)));
    const renditions = texts(
      deliveries.map(({ rendition }) => (rendition.kind === "other" ? rendition.key : undefined)),
    );
    return [shards, endpoints, times, ids, events, types, subscribers, renditions];
  };
  if (pending.length > 0) steps.push({ statement: STATEMENTS.pending, values: schedule(pending) });
  if (ordered.length > 0) {
    const { keys, positions } = common(ordered);
    steps.push({ statement: STATEMENTS.ordered, values: [...schedule(ordered), keys, positions] });
  }
  if (dead.length > 0) {
    const { ids, endpoints, times, events, types, subscribers, keys, positions } = common(dead);
    const reasons = texts(
      dead.map(({ rendition }) => (rendition.kind === "failed" ? rendition.reason : undefined)),
    );
    steps.push({
      statement: STATEMENTS.dead,
      values: [ids, endpoints, times, events, types, subscribers, reasons, keys, positions],
    });
  }
  return steps;
}
