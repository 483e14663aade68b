import { bodyOf } from "../../../render/envelope.ts";
import type { Batch, NewEvent, TakeFrom, TakenDelivery, Taker } from "../../../store.ts";
import { newlyTaken, NOTHING_TAKEN } from "../../serving.ts";
import { CLOCK_MS } from "../clock.ts";
import type { Row } from "../database.ts";
import { numbers, texts, type Parameter } from "../parameters.ts";
import type { Kept } from "./deliveries.ts";

/**
 * Takes what the same statement inserts, on the conditions of `take`: the worker's row is locked against whoever would take
 * its shards over. Gives the batch, the places of the endpoints that are served, and the server's time.
 *
 * In parameters from this number on: worker, now, and arrays of the same length: endpoints, shards, epochs, revisions; then
 * ids of deliveries, and the place of each one's endpoint.
 */
export function takeInserted(first: number): string {
  const [worker, now, endpoints, shards, epochs, revisions, ids, places] = Array.from(
    { length: 8 },
    (_, index) => `$${first + index}`,
  );
  return `
    me AS MATERIALIZED (
      SELECT id FROM hooks.workers WHERE id = ${worker} FOR KEY SHARE
    ), served AS MATERIALIZED (
      SELECT place, asked.shard
      FROM unnest(${endpoints}::text[], ${shards}::smallint[], ${epochs}::bigint[], ${revisions}::integer[])
        WITH ORDINALITY AS asked (endpoint, shard, epoch, revision, place)
      JOIN me ON true
      JOIN hooks.shards ON shards.shard = asked.shard AND shards.owner = me.id AND shards.epoch = asked.epoch
      JOIN hooks.endpoints ON endpoints.id = asked.endpoint AND endpoints.state = 'active'
        AND endpoints.revision = asked.revision
    ), journalled AS (
      INSERT INTO hooks.journal (worker, taken_ms, deliveries, attempts, shards)
      SELECT ${worker}, ${now}::bigint, array_agg(id), array_agg(1), array_agg(shard)
      FROM unnest(${ids}::text[], ${places}::bigint[]) AS given (id, place) JOIN served USING (place)
      HAVING count(*) > 0
      RETURNING batch
    )
    SELECT (SELECT batch FROM journalled) AS batch, (SELECT string_agg(place::text, ',') FROM served) AS served,
      ${CLOCK_MS} AS server_ms`;
}

/** Deliveries that are to be taken with the transaction that inserts them. */
export interface TakingAlong {
  /** The parameters of `takeInserted`. */
  readonly values: readonly Parameter[];
  /** Tells the taker what the statement has answered, after the commit. */
  finish(rows: readonly Row[]): void;
  /** Tells the taker that nothing was kept. */
  withdraw(): void;
  /** Tells the taker that nobody knows what was taken. */
  giveUp(): void;
  /** Whether an endpoint need not be told of an event. Known when it is finished. */
  isTaken(event: NewEvent, endpoint: string): boolean;
}

interface Given {
  /** Of its endpoint among those asked, from 1. */
  readonly place: number;
  readonly delivery: TakenDelivery;
}

/** Asks the taker which of these deliveries it would take. Undefined for none. */
export function takeAlong(kept: readonly Kept[], { worker, offer, taken }: Taker): TakingAlong | undefined {
  const { asked, given } = choose(kept, offer);
  if (given.length === 0) return undefined;
  const nowMs = Math.max(...kept.map((one) => one.nowMs));
  const takenNames = new Set<string>();
  return {
    values: [
      worker,
      nowMs,
      texts(asked.map(({ endpoint }) => endpoint)),
      numbers(asked.map(({ shard }) => shard)),
      numbers(asked.map(({ epoch }) => epoch)),
      numbers(asked.map(({ knownRevision }) => knownRevision)),
      texts(given.map(({ delivery }) => delivery.id)),
      numbers(given.map(({ place }) => place)),
    ],
    finish([row]) {
      const batch = batchOf(row, given);
      for (const { event, endpoint } of batch.deliveries) takenNames.add(`${event.id} ${endpoint}`);
      taken(asked, batch);
    },
    withdraw: () => taken(asked, NOTHING_TAKEN),
    giveUp: () => taken(asked),
    isTaken: ({ id }, endpoint) => takenNames.has(`${id} ${endpoint}`),
  };
}

interface Choice {
  readonly asked: readonly TakeFrom[];
  readonly given: readonly Given[];
}

interface Room {
  readonly from: TakeFrom;
  /** Of the endpoint among those asked, from 1. */
  readonly place: number;
  /** How many more it may have. */
  left: number;
}

function choose(kept: readonly Kept[], offer: Taker["offer"]): Choice {
  const asked: TakeFrom[] = [];
  const given: Given[] = [];
  const counts = countByEndpoint(kept);
  /** Undefined where an endpoint is not offered. */
  const rooms = new Map<string, Room | undefined>();
  const ask = (endpoint: string) => {
    if (rooms.has(endpoint)) return rooms.get(endpoint);
    const from = offer(endpoint, counts.get(endpoint) ?? 0);
    const room: Room | undefined = from && { from, place: asked.push(from), left: from.room };
    rooms.set(endpoint, room);
    return room;
  };
  for (const one of kept)
    for (const delivery of one.deliveries) {
      if (!mayBeTaken(delivery)) continue;
      const room = ask(delivery.endpoint);
      if (room === undefined || room.left === 0) continue;
      room.left -= 1;
      given.push({ place: room.place, delivery: toTaken(one, delivery, room.from) });
    }
  return { asked, given };
}

function countByEndpoint(kept: readonly Kept[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { deliveries } of kept)
    for (const delivery of deliveries)
      if (mayBeTaken(delivery)) counts.set(delivery.endpoint, (counts.get(delivery.endpoint) ?? 0) + 1);
  return counts;
}

/** What stands before an ordered one is known only in the transaction. */
function mayBeTaken({ orderKey, rendition }: Kept["deliveries"][number]): boolean {
  return orderKey === undefined && rendition.kind !== "failed";
}

function toTaken(
  { event: { id: event, type, version, envelope }, sequence, nowMs }: Kept,
  { id, subscriber, rendition }: Kept["deliveries"][number],
  from: TakeFrom,
): TakenDelivery {
  const other = rendition.kind === "other" ? rendition : undefined;
  const sent = other ?? { version, envelope };
  return newlyTaken(from, {
    id,
    subscriber,
    event: { id: event, type, version: sent.version, body: bodyOf(sent.envelope, sequence) },
    rendition: other?.key,
    nowMs,
  });
}

/** Of endpoints that have changed, or that another serves by now, nothing was taken. */
function batchOf(row: Row | undefined, given: readonly Given[]): Batch {
  // The driver reads text as text.
  const served = new Set((row?.["served"] as string | null | undefined)?.split(",").map(Number));
  const serverMs = Number(row?.["server_ms"]);
  const deliveries = given.filter(({ place }) => served.has(place)).map(({ delivery }) => delivery);
  return {
    // The publisher tells of what was not taken.
    ...NOTHING_TAKEN,
    id: Number(row?.["batch"] ?? 0),
    // As they were inserted, due by the server's clock at the latest.
    deliveries: deliveries.map((one) => ({ ...one, dueMs: Math.min(one.dueMs, serverMs) })),
  };
}
