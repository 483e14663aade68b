import type { Ids } from "../../../ids.ts";
import { bodyOf } from "../../../render/envelope.ts";
import type { PublishResult, Taker } from "../../../store.ts";
import { nameOfPart, type Seals } from "../../seals.ts";
import type { KeyGuard } from "../keys.ts";
import type { Session, Statement, Step } from "../database.ts";
import { keyOf } from "../idempotency.ts";
import { column, evenNumbers, evenTexts, numbers, pack, texts } from "../parameters.ts";
import type { NewRecord } from "./decide.ts";
import { deliveryRows, type DeliveryRows, insertPending, type Kept } from "./deliveries.ts";
import { takeAlong, takeInserted, type TakingAlong } from "./taking-along.ts";
import type { Known } from "./known.ts";
import { obituarySteps } from "./obituaries.ts";
import { takeNumbers } from "./numbers.ts";

/** $16: under which version of the audience, where that is demanded. */
function insertEvents(condition: string): string {
  return `
      INSERT INTO hooks.events (id, type, version, source, subject, sequence, subscriber, published_ms, digest, deliveries,
        first_delivery, last_delivery, body)
      SELECT id, ${column("type", "$2::text[]")}, ${column("version", "$3::text[]")}, ${column("source", "$4::text[]")},
        ${column("subject", "$5::text[]")}, ${column("sequence", "$6::bigint[]")}, ${column("subscriber", "$7::text[]")},
        ${column("published_ms", "$8::bigint[]")}, digest, ${column("deliveries", "$10::integer[]")},
        first_delivery, coalesce(last_delivery, first_delivery), substring($13::bytea FROM start FOR length)
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[],
        $9::text[], $10::integer[], $11::text[], $12::text[], $14::integer[], $15::integer[])
      AS new (id, type, version, source, subject, sequence, subscriber, published_ms, digest, deliveries, first_delivery,
        last_delivery, start, length)${condition}`;
}

/** Nothing is inserted where who is subscribed to what has changed. */
const IS_CURRENT = `
      WHERE (
        SELECT CASE WHEN EXISTS (SELECT FROM hooks.audience WHERE version = $16::uuid) THEN true
          ELSE hooks.refuse_audience() END
      )`;

const STATEMENTS = {
  events: { name: "insert_events", text: insertEvents("") },
  currentEvents: { name: "insert_current_events", text: insertEvents(IS_CURRENT) },
  /** One round trip, and for most of what is published the whole transaction. */
  eventsAndPending: {
    name: "insert_events_and_pending",
    text: `WITH events AS (${insertEvents("")}) ${insertPending(16)}`,
  },
  currentEventsAndPending: {
    name: "insert_current_events_and_pending",
    text: `WITH events AS (${insertEvents(IS_CURRENT)}) ${insertPending(17)}`,
  },
  eventsAndTaken: {
    name: "insert_events_and_take",
    text: `WITH events AS (${insertEvents(IS_CURRENT)}), pending AS (${insertPending(17)}), ${takeInserted(25)}`,
  },
  renditions: {
    name: "insert_renditions",
    text: `
      INSERT INTO hooks.renditions (event, key, version, body)
      SELECT event, key, version, substring($4::bytea FROM start FOR length)
      FROM unnest($1::text[], $2::text[], $3::text[], $5::integer[], $6::integer[])
      AS new (event, key, version, start, length)`,
  },
  /** Only as they were read, so that of two who replace one only the first succeeds. */
  dropKeys: {
    name: "drop_keys",
    text: `
      DELETE FROM hooks.idempotency USING unnest($1::text[], $2::bigint[]) AS stale (key, created_ms)
      WHERE idempotency.key = stale.key AND idempotency.created_ms = stale.created_ms`,
  },
  keys: {
    name: "insert_keys",
    text: `
      INSERT INTO hooks.idempotency (key, digest, resource, created_ms)
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])`,
  },
} as const satisfies Record<string, Statement>;

export interface WriteOptions {
  readonly newId: Ids;
  readonly known: Known;
  readonly keys: KeyGuard;
  /** Who may take what is written. */
  readonly taker: Taker | undefined;
}

export interface Writing {
  readonly steps: readonly Step[];
  /** What is taken by the first step. */
  readonly along: TakingAlong | undefined;
}

/** Numbers events and deliveries that have an order, and gives the statements that keep all of them. Inside a transaction. */
export async function writeRecords(
  query: Session["query"],
  records: readonly NewRecord[],
  { newId, known, keys, taker }: WriteOptions,
): Promise<Writing> {
  const { sequenceOf, positionOf } = await takeNumbers(query, records);
  const kept = records.map((record): Kept => {
    const sequence = sequenceOf(record);
    const deliveries = record.renderings.map((rendering) => {
      const position = positionOf(rendering, sequence);
      return { ...rendering, position, id: newId("dlv", record.nowMs) };
    });
    return { ...record, sequence, deliveries };
  });
  const { seals, requireSteps } = keys;
  const { pending, others } = deliveryRows(kept);
  const obituaries = await obituarySteps(query, kept, seals);
  const rest = [
    ...others,
    ...renditionSteps(kept, seals),
    ...keySteps(kept, known, seals),
    ...obituaries,
    ...requireSteps(),
  ];
  const { version } = known;
  const eventsStep = prepareEvents(kept, { pending, version }, seals);
  // Last, for what it holds has to be given back, and what may fail is done.
  const along = version === undefined || taker === undefined ? undefined : takeAlong(kept, taker);
  const steps = [eventsStep(along), ...rest];
  return { steps, along };
}

/** What publishing a new event answers. */
export function resultOf({ event, renderings }: NewRecord, along: TakingAlong | undefined): PublishResult {
  return {
    kind: "published",
    id: event.id,
    deliveries: renderings.length,
    duplicate: false,
    endpoints: renderings.flatMap(({ endpoint, rendition }) =>
      rendition.kind === "failed" || along?.isTaken(event, endpoint) ? [] : [endpoint],
    ),
    unrendered: renderings.flatMap(({ endpoint, rendition }) =>
      rendition.kind === "failed" ? [{ endpoint, reason: rendition.reason, error: rendition.error }] : [],
    ),
  };
}

interface EventsStepOptions extends Pick<DeliveryRows, "pending"> {
  readonly version: string | undefined;
}

function prepareEvents(
  kept: readonly Kept[],
  { pending, version }: EventsStepOptions,
  seals: Seals,
): (along: TakingAlong | undefined) => Step {
  const events = kept.map(({ event }) => event);
  const bodies = pack(
    kept.map(({ event, sequence }) => seals.bytes("body", event.id, bodyOf(event.envelope, sequence))),
  );
  const values = [
    texts(events.map(({ id }) => id)),
    evenTexts(events.map(({ type }) => type)),
    evenTexts(events.map(({ version }) => version)),
    evenTexts(events.map(({ source }) => source)),
    evenTexts(events.map(({ subject }) => subject)),
    evenNumbers(kept.map(({ sequence }) => sequence)),
    evenTexts(events.map(({ subscriber }) => subscriber)),
    evenNumbers(kept.map(({ nowMs }) => nowMs)),
    texts(events.map(({ id, digest }) => seals.text("digest", id, digest))),
    evenNumbers(kept.map(({ deliveries }) => deliveries.length)),
    texts(kept.map(({ deliveries }) => deliveries[0]?.id)),
    // The last where it is not the first.
    evenTexts(kept.map(({ deliveries }) => (deliveries.length > 1 ? deliveries.at(-1)?.id : undefined))),
    bodies.bytes,
    bodies.starts,
    bodies.lengths,
  ];
  const all = [...values, ...(version === undefined ? [] : [version]), ...(pending ?? [])];
  const {
    events: alone,
    currentEvents,
    eventsAndPending,
    currentEventsAndPending,
    eventsAndTaken,
  } = STATEMENTS;
  const [ofEvents, ofBoth] =
    version === undefined ? [alone, eventsAndPending] : [currentEvents, currentEventsAndPending];
  return (along) =>
    along === undefined
      ? { statement: pending === undefined ? ofEvents : ofBoth, values: all }
      : { statement: eventsAndTaken, values: [...all, ...along.values] };
}

/** The bytes that go out otherwise than they were published, once each. */
function renditionSteps(kept: readonly Kept[], seals: Seals): readonly Step[] {
  const all = kept.flatMap(({ event, sequence, renderings }) => {
    const ofEvent = new Map(
      renderings.flatMap(({ rendition }) =>
        rendition.kind === "other" ? [[rendition.key, rendition] as const] : [],
      ),
    );
    return [...ofEvent.values()].map(({ key, version, envelope }) => ({
      event: event.id,
      key,
      version,
      body: seals.bytes("rendition", nameOfPart(event.id, key), bodyOf(envelope, sequence)),
    }));
  });
  if (all.length === 0) return [];
  const bodies = pack(all.map(({ body }) => body));
  const values = [
    texts(all.map(({ event }) => event)),
    texts(all.map(({ key }) => key)),
    texts(all.map(({ version }) => version)),
    bodies.bytes,
    bodies.starts,
    bodies.lengths,
  ];
  return [{ statement: STATEMENTS.renditions, values }];
}

/** Remembers keys, in the place of those that stand for nothing any more. */
function keySteps(kept: readonly Kept[], known: Known, seals: Seals): readonly Step[] {
  const used = kept.flatMap(({ event, nowMs }) =>
    event.idempotency === undefined
      ? []
      : [{ key: keyOf(event.idempotency), digest: event.idempotency.digest, event: event.id, nowMs }],
  );
  if (used.length === 0) return [];
  const stale = used.flatMap(({ key }) => {
    const before = known.keys.get(key);
    return before === undefined ? [] : [{ key, createdMs: before.createdMs }];
  });
  const drop = [texts(stale.map(({ key }) => key)), numbers(stale.map(({ createdMs }) => createdMs))];
  const values = [
    texts(used.map(({ key }) => key)),
    texts(used.map(({ key, digest }) => seals.text("idempotency", key, digest))),
    texts(used.map(({ event }) => event)),
    numbers(used.map(({ nowMs }) => nowMs)),
  ];
  return [
    ...(stale.length === 0 ? [] : [{ statement: STATEMENTS.dropKeys, values: drop }]),
    { statement: STATEMENTS.keys, values },
  ];
}
