import { BEHIND_MS } from "../../../core/ordering.ts";
import { shardOf } from "../../../core/sharding.ts";
import type { NewEvent } from "../../../store.ts";
import type { Rendering } from "../../rendering.ts";
import { CLOCK_MS } from "../clock.ts";
import type { Statement, Step } from "../database.ts";
import { column, evenNumbers, evenTexts, numbers, texts } from "../parameters.ts";
import type { NewRecord } from "./decide.ts";

const COLUMNS = {
  shard: column("shard", "$1::smallint[]"),
  endpoint: column("endpoint", "$2::text[]"),
  now: column("now_ms", "$3::bigint[]"),
  type: column("event_type", "$6::text[]"),
  subscriber: column("subscriber", "$7::text[]"),
  rendition: column("rendition", "$8::text[]"),
} as const;

/** Due is what is published by the server's clock at the latest: a publisher whose own is ahead delays nothing. */
const STATEMENTS = {
  pending: {
    name: "insert_pending",
    text: `
      INSERT INTO hooks.pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts,
        attempts_before_schedule, interruptions, created_ms, rendition)
      SELECT ${COLUMNS.shard}, ${COLUMNS.endpoint}, least(${COLUMNS.now}, ${CLOCK_MS}), id, event, ${COLUMNS.type},
        ${COLUMNS.subscriber}, 0, 0, 0, ${COLUMNS.now}, ${COLUMNS.rendition}
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
        FROM (
          SELECT ${COLUMNS.shard} AS shard, ${COLUMNS.endpoint} AS endpoint, ${COLUMNS.now} AS now_ms, id, event,
            ${COLUMNS.type} AS event_type, ${COLUMNS.subscriber} AS subscriber, ${COLUMNS.rendition} AS rendition, order_key,
            position
          FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::bigint[])
          AS new (shard, endpoint, now_ms, id, event, event_type, subscriber, rendition, order_key, position)
        ) AS new
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

type Added = Kept["deliveries"][number] & {
  readonly event: NewEvent;
  readonly nowMs: number;
};

/** Schedules deliveries; those of endpoints that the event could not be rendered for are dead. */
export function deliverySteps(kept: readonly Kept[]): readonly Step[] {
  const pending: Added[] = [];
  const ordered: Added[] = [];
  const dead: Added[] = [];
  for (const { event, nowMs, deliveries } of kept)
    for (const delivery of deliveries) {
      const { rendition, orderKey } = delivery;
      const unordered = orderKey === undefined ? pending : ordered;
      (rendition.kind === "failed" ? dead : unordered).push({ ...delivery, event, nowMs });
    }
  const steps: Step[] = [];
  if (pending.length > 0) steps.push({ statement: STATEMENTS.pending, values: schedule(pending) });
  if (ordered.length > 0)
    steps.push({ statement: STATEMENTS.ordered, values: [...schedule(ordered), ...order(ordered)] });
  if (dead.length > 0) steps.push({ statement: STATEMENTS.dead, values: [...end(dead), ...order(dead)] });
  return steps;
}

function schedule(deliveries: readonly Added[]): readonly string[] {
  return [
    evenNumbers(deliveries.map(({ endpoint }) => shardOf(endpoint))),
    evenTexts(deliveries.map(({ endpoint }) => endpoint)),
    evenNumbers(deliveries.map(({ nowMs }) => nowMs)),
    texts(deliveries.map(({ id }) => id)),
    texts(deliveries.map(({ event }) => event.id)),
    evenTexts(deliveries.map(({ event }) => event.type)),
    evenTexts(deliveries.map(({ subscriber }) => subscriber)),
    evenTexts(deliveries.map(({ rendition }) => (rendition.kind === "other" ? rendition.key : undefined))),
  ];
}

function end(deliveries: readonly Added[]): readonly string[] {
  return [
    texts(deliveries.map(({ id }) => id)),
    texts(deliveries.map(({ endpoint }) => endpoint)),
    numbers(deliveries.map(({ nowMs }) => nowMs)),
    texts(deliveries.map(({ event }) => event.id)),
    texts(deliveries.map(({ event }) => event.type)),
    texts(deliveries.map(({ subscriber }) => subscriber)),
    texts(deliveries.map(({ rendition }) => (rendition.kind === "failed" ? rendition.reason : undefined))),
  ];
}

function order(deliveries: readonly Added[]): readonly string[] {
  return [
    texts(deliveries.map(({ orderKey }) => orderKey)),
    numbers(deliveries.map(({ position }) => position)),
  ];
}
