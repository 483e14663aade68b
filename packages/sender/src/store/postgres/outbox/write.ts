import { shardOf } from "../../../core/sharding.ts";
import type { Ids } from "../../../ids.ts";
import { bodyOf } from "../../../render/envelope.ts";
import type { PublishResult } from "../../../store.ts";
import type { Rendering } from "../../rendering.ts";
import type { Session, Statement, Step } from "../database.ts";
import { keyOf } from "../idempotency.ts";
import { numbers, pack, texts } from "../parameters.ts";
import type { NewRecord } from "./decide.ts";
import type { Known } from "./known.ts";

const STATEMENTS = {
  /** Locks in one order, so that publishers never wait for each other in a circle. $1 sources, $2 subjects, $3 how many */
  sequences: {
    name: "next_sequences",
    text: `
      INSERT INTO hooks.sequences (source, subject, last)
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS wanted (source, subject, count)
        ORDER BY source COLLATE "C", subject COLLATE "C"
      ON CONFLICT (source, subject) DO UPDATE SET last = sequences.last + excluded.last
      RETURNING source, subject, last`,
  },
  events: {
    name: "insert_events",
    text: `
      INSERT INTO hooks.events (id, type, version, source, subject, sequence, subscriber, published_ms, digest, deliveries,
        first_delivery, last_delivery, body)
      SELECT id, type, version, source, subject, sequence, subscriber, published_ms, digest, deliveries, first_delivery,
        last_delivery, substring($13::bytea FROM start FOR length)
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[],
        $9::text[], $10::integer[], $11::text[], $12::text[], $14::integer[], $15::integer[])
      AS new (id, type, version, source, subject, sequence, subscriber, published_ms, digest, deliveries, first_delivery,
        last_delivery, start, length)`,
  },
  pending: {
    name: "insert_pending",
    text: `
      INSERT INTO hooks.pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts,
        attempts_before_schedule, interruptions, created_ms, rendition)
      SELECT shard, endpoint, now_ms, id, event, event_type, subscriber, 0, 0, 0, now_ms, rendition
      FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
      AS new (shard, endpoint, now_ms, id, event, event_type, subscriber, rendition)`,
  },
  dead: {
    name: "insert_dead",
    text: `
      INSERT INTO hooks.finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms,
        reason, rendition)
      SELECT id, event, event_type, endpoint, subscriber, 'dead', 0, now_ms, now_ms, reason, ''
      FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
      AS new (id, endpoint, now_ms, event, event_type, subscriber, reason)`,
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

/** An event with everything that its rows say. */
interface Kept extends NewRecord {
  readonly sequence: number | undefined;
  readonly deliveries: readonly (Rendering & { readonly id: string })[];
}

/** Numbers the events of subjects and gives the statements that keep all of them. Inside a transaction. */
export async function writeRecords(
  query: Session["query"],
  records: readonly NewRecord[],
  { newId, known }: { readonly newId: Ids; readonly known: Known },
): Promise<readonly Step[]> {
  const sequenceOf = await nextSequences(query, records);
  const kept = records.map((record): Kept => ({
    ...record,
    sequence: sequenceOf(record),
    deliveries: record.renderings.map((rendering) => ({ ...rendering, id: newId("dlv") })),
  }));
  return [eventsStep(kept), ...deliverySteps(kept), ...renditionSteps(kept), ...keySteps(kept, known)];
}

/** What publishing a new event answers. */
export function resultOf({ event, renderings }: NewRecord): PublishResult {
  return {
    kind: "published",
    id: event.id,
    deliveries: renderings.length,
    duplicate: false,
    endpoints: renderings.flatMap(({ endpoint, rendition }) =>
      rendition.kind === "failed" ? [] : [endpoint],
    ),
    unrendered: renderings.flatMap(({ endpoint, rendition }) =>
      rendition.kind === "failed" ? [{ endpoint, reason: rendition.reason, error: rendition.error }] : [],
    ),
  };
}

function nameOf(source: string, subject: string): string {
  return JSON.stringify([source, subject]);
}

/** Gives each event the next number of its subject, in order; events without a subject have none. */
async function nextSequences(
  query: Session["query"],
  records: readonly NewRecord[],
): Promise<(record: NewRecord) => number | undefined> {
  const wanted = new Map<string, { readonly source: string; readonly subject: string; count: number }>();
  for (const { event } of records) {
    const { source, subject } = event;
    if (subject === undefined) continue;
    const one = wanted.get(nameOf(source, subject)) ?? { source, subject, count: 0 };
    one.count += 1;
    wanted.set(nameOf(source, subject), one);
  }
  if (wanted.size === 0) return () => undefined;
  const all = [...wanted.values()];
  const rows = await query(STATEMENTS.sequences, [
    texts(all.map(({ source }) => source)),
    texts(all.map(({ subject }) => subject)),
    numbers(all.map(({ count }) => count)),
  ]);
  const next = new Map<string, number>();
  for (const row of rows) {
    const name = nameOf(String(row["source"]), String(row["subject"]));
    next.set(name, Number(row["last"]) - (wanted.get(name)?.count ?? 0) + 1);
  }
  return ({ event: { source, subject } }) => {
    if (subject === undefined) return undefined;
    const sequence = next.get(nameOf(source, subject));
    if (sequence === undefined) throw new Error("The store gave a subject no number");
    next.set(nameOf(source, subject), sequence + 1);
    return sequence;
  };
}

function eventsStep(kept: readonly Kept[]): Step {
  const events = kept.map(({ event }) => event);
  const bodies = pack(kept.map(({ event, sequence }) => bodyOf(event.envelope, sequence)));
  const values = [
    texts(events.map(({ id }) => id)),
    texts(events.map(({ type }) => type)),
    texts(events.map(({ version }) => version)),
    texts(events.map(({ source }) => source)),
    texts(events.map(({ subject }) => subject)),
    numbers(kept.map(({ sequence }) => sequence)),
    texts(events.map(({ subscriber }) => subscriber)),
    numbers(kept.map(({ nowMs }) => nowMs)),
    texts(events.map(({ digest }) => digest)),
    numbers(kept.map(({ deliveries }) => deliveries.length)),
    texts(kept.map(({ deliveries }) => deliveries[0]?.id)),
    texts(kept.map(({ deliveries }) => deliveries.at(-1)?.id)),
    bodies.bytes,
    bodies.starts,
    bodies.lengths,
  ];
  return { statement: STATEMENTS.events, values };
}

/** Schedules deliveries; those of endpoints that the event could not be rendered for are dead. */
function deliverySteps(kept: readonly Kept[]): readonly Step[] {
  const all = kept.flatMap(({ event, nowMs, deliveries }) =>
    deliveries.map((delivery) => ({ ...delivery, event, nowMs })),
  );
  const pending = all.filter(({ rendition }) => rendition.kind !== "failed");
  const dead = all.filter(({ rendition }) => rendition.kind === "failed");
  const common = (deliveries: typeof all) => ({
    ids: texts(deliveries.map(({ id }) => id)),
    endpoints: texts(deliveries.map(({ endpoint }) => endpoint)),
    times: numbers(deliveries.map(({ nowMs }) => nowMs)),
    events: texts(deliveries.map(({ event }) => event.id)),
    types: texts(deliveries.map(({ event }) => event.type)),
    subscribers: texts(deliveries.map(({ subscriber }) => subscriber)),
  });
  const steps: Step[] = [];
  if (pending.length > 0) {
    const { ids, endpoints, times, events, types, subscribers } = common(pending);
    const shards = numbers(pending.map(({ endpoint }) => shardOf(endpoint)));
    const renditions = texts(
      pending.map(({ rendition }) => (rendition.kind === "other" ? rendition.key : undefined)),
    );
    const values = [shards, endpoints, times, ids, events, types, subscribers, renditions];
    steps.push({ statement: STATEMENTS.pending, values });
  }
  if (dead.length > 0) {
    const { ids, endpoints, times, events, types, subscribers } = common(dead);
    const reasons = texts(
      dead.map(({ rendition }) => (rendition.kind === "failed" ? rendition.reason : undefined)),
    );
    steps.push({
      statement: STATEMENTS.dead,
      values: [ids, endpoints, times, events, types, subscribers, reasons],
    });
  }
  return steps;
}

/** The bytes that go out otherwise than they were published, once each. */
function renditionSteps(kept: readonly Kept[]): readonly Step[] {
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
      body: bodyOf(envelope, sequence),
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
function keySteps(kept: readonly Kept[], known: Known): readonly Step[] {
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
    texts(used.map(({ digest }) => digest)),
    texts(used.map(({ event }) => event)),
    numbers(used.map(({ nowMs }) => nowMs)),
  ];
  return [
    ...(stale.length === 0 ? [] : [{ statement: STATEMENTS.dropKeys, values: drop }]),
    { statement: STATEMENTS.keys, values },
  ];
}
