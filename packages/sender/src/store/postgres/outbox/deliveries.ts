import { BEHIND_MS } from "../../../core/ordering.ts";
import { shardOf } from "../../../core/sharding.ts";
import type { NewEvent } from "../../../store.ts";
import type { Rendering } from "../../rendering.ts";
import { CLOCK_MS } from "../clock.ts";
import type { Statement, Step } from "../database.ts";
import { column, evenNumbers, evenTexts, numbers, texts } from "../parameters.ts";
import type { NewRecord } from "./decide.ts";

/** Shards, endpoints, times, ids, events, types, subscribers and renditions, in parameters from this number on. */
function scheduleFrom(first: number) {
  const all = SCHEDULE.map((type, index) => `$${first + index}::${type}[]`);
  const own = (index: number, name: string) => column(name, all[index] ?? "");
  return {
    shard: own(0, "shard"),
    endpoint: own(1, "endpoint"),
    now: own(2, "now_ms"),
    type: own(5, "event_type"),
    subscriber: own(6, "subscriber"),
    rendition: own(7, "rendition"),
    all: all.join(", "),
  };
}

const SCHEDULE = ["smallint", "text", "bigint", "text", "text", "text", "text", "text"] as const;

/**
 * Schedules deliveries without an order key. Due is what is published by the server's clock at the latest: a publisher whose
 * own is ahead delays nothing. What `deliveryRows` gives is in the parameters from this number on.
 */
export function insertPending(first: number): string {
  const columns = scheduleFrom(first);
  return `
      INSERT INTO hooks.pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts,
        attempts_before_schedule, interruptions, created_ms, rendition)
      SELECT ${columns.shard}, ${columns.endpoint}, least(${columns.now}, ${CLOCK_MS}), id, event, ${columns.type},
        ${columns.subscriber}, 0, 0, 0, ${columns.now}, ${columns.rendition}
      FROM unnest(${columns.all}) AS new (shard, endpoint, now_ms, id, event, event_type, subscriber, rendition)`;
}

const ORDERED = scheduleFrom(1);

const STATEMENTS = {
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
          SELECT ${ORDERED.shard} AS shard, ${ORDERED.endpoint} AS endpoint, ${ORDERED.now} AS now_ms, id, event,
            ${ORDERED.type} AS event_type, ${ORDERED.subscriber} AS subscriber, ${ORDERED.rendition} AS rendition, order_key,
            position
          FROM unnest(${ORDERED.all}, $9::text[], $10::bigint[])
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

/** What is to be written of deliveries; those of endpoints that the event could not be rendered for are dead. */
export interface DeliveryRows {
  /** The parameters of `insertPending`, if there is something to be scheduled by it. */
  readonly pending: readonly string[] | undefined;
  readonly others: readonly Step[];
}

export function deliveryRows(kept: readonly Kept[]): DeliveryRows {
  const pending: Added[] = [];
  const ordered: Added[] = [];
  const dead: Added[] = [];
  for (const { event, nowMs, deliveries } of kept)
    for (const delivery of deliveries) {
      const { rendition, orderKey } = delivery;
      const unordered = orderKey === undefined ? pending : ordered;
      (rendition.kind === "failed" ? dead : unordered).push({ ...delivery, event, nowMs });
    }
  const others: Step[] = [];
  if (ordered.length > 0)
    others.push({ statement: STATEMENTS.ordered, values: [...schedule(ordered), ...order(ordered)] });
  if (dead.length > 0) others.push({ statement: STATEMENTS.dead, values: [...end(dead), ...order(dead)] });
  return { pending: pending.length === 0 ? undefined : schedule(pending), others };
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
