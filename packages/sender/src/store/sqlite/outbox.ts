import type { DatabaseSync } from "node:sqlite";
import { patternsOf } from "../../core/subscription.ts";
import { shardOf } from "../../core/sharding.ts";
import type { Ids } from "../../ids.ts";
import type { Rendition } from "../../render.ts";
import { bodyOf } from "../../render/envelope.ts";
import type { NewEvent, PublishResult } from "../../store.ts";
import { createAudiences } from "../audiences.ts";
import { writePreferences } from "../preferences.ts";
import type { Rendering, Target } from "../rendering.ts";
import { withoutSecrets, type Seals } from "../seals.ts";
import type { Write } from "./commit-queue.ts";
import type { Along, TakingAlong } from "./taking-along.ts";
import { createHistory } from "./history.ts";
import { createIdempotency } from "./idempotency.ts";
import { createObituaries } from "./obituaries.ts";
import { createOrder } from "./order.ts";
import { createRenditions } from "./renditions.ts";

/** A new event, however it comes to its renditions. */
export type Publishable = Omit<NewEvent, "render">;

export interface OutboxOptions<Event extends Publishable> {
  readonly newId: Ids;
  readonly seals: Seals;
  /** What each endpoint gets that takes the event. What it throws refuses the call. */
  readonly renderFor: (targets: readonly Target[], event: Event) => readonly Rendering[];
}

export interface Outcome {
  readonly results: readonly PublishResult[];
  /** What was taken with the commit. */
  readonly along?: Along | undefined;
}

/** Keeps events together with their deliveries, all of a call or none. */
export function createOutbox<Event extends Publishable>(
  database: DatabaseSync,
  write: Write,
  options: OutboxOptions<Event>,
) {
  const publishAll = createPublish(database, options);
  return {
    async publish(events: readonly Event[], nowMs: number, takingAlong?: TakingAlong): Promise<Outcome> {
      try {
        return await write(() => {
          const results = publishAll(events, nowMs, takingAlong);
          if (results.some(({ kind }) => kind !== "published")) throw new Refused(results);
          return { results, along: takingAlong?.close(nowMs) };
        });
      } catch (error) {
        if (error instanceof Refused) return { results: error.results };
        throw error;
      }
    },
  };
}

/** Publishes events, inside a transaction. */
function createPublish<Event extends Publishable>(
  database: DatabaseSync,
  { newId, seals, renderFor }: OutboxOptions<Event>,
): (events: readonly Event[], nowMs: number, takingAlong?: TakingAlong) => readonly PublishResult[] {
  const idempotency = createIdempotency(database, seals);
  const findTargets = createTargets(database);
  const insertEvent = createInsert(database, seals);
  const addDeliveries = createDeliveries(database, seals);
  const statements = prepare(database);

  /** What an event that was published before answers now. */
  const repeat = (id: string, digest: string): PublishResult | undefined => {
    const known = statements.findEvent.get(id);
    if (known === undefined) return undefined;
    if (seals.openText("digest", id, String(known["digest"])) !== digest)
      return { kind: "event_id_conflict", id };
    const count = statements.countDeliveries.get(id);
    return { kind: "published", id, deliveries: Number(count?.["count"]), duplicate: true, ...NOBODY };
  };

  /** Undefined when nobody has the id of its subscriber. */
  const audienceOf = (event: Event): readonly Target[] | undefined =>
    event.subscriber === undefined || statements.findSubscriber.get(event.subscriber) !== undefined
      ? findTargets(event)
      : undefined;

  const publish = (event: Event, { nowMs, targetsOf, takingAlong }: Call<Event>): PublishResult => {
    const { idempotency: used } = event;
    if (used !== undefined) {
      const recalled = idempotency.recall(used, nowMs);
      if (recalled.kind === "conflict") return { kind: "idempotency_conflict", id: event.id };
      const repeated = recalled.kind === "repeat" ? repeat(recalled.resource, event.digest) : undefined;
      if (repeated !== undefined) return repeated;
    }
    const repeated = event.isFresh === true ? undefined : repeat(event.id, event.digest);
    if (repeated !== undefined) return repeated;
    const found = targetsOf(event);
    if (found === undefined) return { kind: "subscriber_not_found", id: event.id };
    const targets = renderFor(found, event).map((target) => ({
      ...target,
      id: newId("dlv", nowMs),
    }));
    const sequence = insertEvent(
      event,
      targets.map(({ id }) => id),
      nowMs,
    );
    addDeliveries(targets, { event, sequence, nowMs, takingAlong });
    if (used !== undefined) idempotency.remember({ ...used, resource: event.id }, nowMs);
    return {
      kind: "published",
      id: event.id,
      deliveries: targets.length,
      duplicate: false,
      endpoints: targets.flatMap(({ endpoint, rendition }) =>
        rendition.kind === "failed" ? [] : [endpoint],
      ),
      unrendered: targets.flatMap(({ endpoint, rendition }) =>
        rendition.kind === "failed" ? [{ endpoint, reason: rendition.reason, error: rendition.error }] : [],
      ),
    };
  };

  return (events, nowMs, takingAlong) => {
    // Nobody else changes what is subscribed to before the transaction ends.
    const targetsOf = createAudiences(audienceOf);
    return events.map((event) => publish(event, { nowMs, targetsOf, takingAlong }));
  };
}

/** What the events of a call have in common. */
interface Call<Event> {
  readonly nowMs: number;
  /** Undefined when nobody has the id of its subscriber. */
  readonly targetsOf: (event: Event) => readonly Target[] | undefined;
  readonly takingAlong: TakingAlong | undefined;
}

const NOBODY = { endpoints: [], unrendered: [] };

interface NewDelivery extends Rendering {
  readonly id: string;
}

interface Addition {
  readonly event: Publishable;
  readonly sequence: number | undefined;
  readonly nowMs: number;
  readonly takingAlong: TakingAlong | undefined;
}

/** Schedules deliveries; those of endpoints that the event could not be rendered for are dead. */
function createDeliveries(database: DatabaseSync, seals: Seals) {
  const renditions = createRenditions(database, seals);
  const history = createHistory(database, seals);
  const order = createOrder(database);
  const tellOf = createObituaries(database, seals);
  const insertPending = database.prepare(
    `INSERT INTO pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts, attempts_before_schedule,
       interruptions, created_ms, rendition, order_key, position)
     VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?)`,
  );
  return (deliveries: readonly NewDelivery[], { event, sequence, nowMs, takingAlong }: Addition): void => {
    const made = new Map<Rendition, string | null>();
    /** What the row says of a rendition, whose bytes are written with the first delivery that sends them. */
    const keep = (
      rendition: Exclude<NewDelivery["rendition"], { readonly kind: "failed" }>,
    ): string | null => {
      if (rendition.kind === "own") return null;
      const { kind, key, version, envelope } = rendition;
      const kept =
        made.get(rendition) ??
        renditions.keep(event.id, { kind, key, version, body: bodyOf(envelope, sequence) });
      made.set(rendition, kept);
      return kept;
    };
    for (const { rendition, endpoint, subscriber, id, ordering, orderKey } of deliveries) {
      const position = orderKey === undefined ? undefined : order.positionOf(endpoint, ordering, sequence);
      const common = { id, endpoint, subscriber, event: event.id, eventType: event.type, orderKey, position };
      if (rendition.kind === "failed") {
        const { reason } = rendition;
        const end = { state: "dead", attempts: 0, createdAtMs: nowMs, nowMs, reason, rendition: "" } as const;
        history.finish({ ...common, ...end });
        tellOf({ delivery: common, reason, nowMs }, event.announceDeath);
        continue;
      }
      const kept = keep(rendition);
      insertPending.run(
        shardOf(endpoint),
        endpoint,
        order.dueOf(endpoint, orderKey, nowMs),
        id,
        event.id,
        event.type,
        subscriber,
        nowMs,
        kept,
        orderKey ?? null,
        position ?? null,
      );
      if (orderKey === undefined && kept === null)
        takingAlong?.add({ id, event: event.id, endpoint, subscriber, sequence });
    }
  };
}

/** Takes a batch back of which one event is refused. */
class Refused extends Error {
  readonly results: readonly PublishResult[];
  constructor(results: readonly PublishResult[]) {
    super("refused");
    this.results = results;
  }
}

type InsertEvent = (event: Publishable, deliveries: readonly string[], nowMs: number) => number | undefined;

/** Keeps an event under the next number of its subject, which is given back. */
function createInsert(database: DatabaseSync, seals: Seals): InsertEvent {
  const statements = {
    nextSequence: database.prepare(
      `INSERT INTO sequences (source, subject, last) VALUES (?, ?, 1)
       ON CONFLICT (source, subject) DO UPDATE SET last = last + 1 RETURNING last`,
    ),
    insertEvent: database.prepare(
      `INSERT INTO events (id, type, version, source, subject, sequence, subscriber, published_ms, digest,
         first_delivery, last_delivery, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  };
  return (event, deliveries, nowMs) => {
    const sequence =
      event.subject === undefined
        ? undefined
        : Number(statements.nextSequence.get(event.source, event.subject)?.["last"]);
    statements.insertEvent.run(
      event.id,
      event.type,
      event.version,
      event.source,
      event.subject ?? null,
      sequence ?? null,
      event.subscriber ?? null,
      nowMs,
      seals.text("digest", event.id, event.digest),
      deliveries[0] ?? null,
      deliveries.at(-1) ?? null,
      seals.bytes("body", event.id, bodyOf(event.envelope, sequence)),
    );
    return sequence;
  };
}

/** The endpoints that take an event: one named by it, those of its subscriber, or everybody's. */
function createTargets(database: DatabaseSync): (event: Publishable) => readonly Target[] {
  const statements = {
    one: database.prepare("SELECT id AS endpoint, subscriber, document FROM endpoints WHERE id = ?"),
    ofSubscriber: database.prepare(
      "SELECT DISTINCT endpoint, subscriber, preferences FROM subscriptions WHERE pattern IN (?, ?, ?) AND subscriber = ?",
    ),
    ofAll: database.prepare(
      "SELECT DISTINCT endpoint, subscriber, preferences FROM subscriptions WHERE pattern IN (?, ?, ?)",
    ),
  };
  const rows = ({ type, subscriber, endpoint }: Publishable) => {
    const [exact = type, resource = type, all = "*"] = patternsOf(type);
    if (endpoint !== undefined) return statements.one.all(endpoint);
    if (subscriber !== undefined) return statements.ofSubscriber.all(exact, resource, all, subscriber);
    return statements.ofAll.all(exact, resource, all);
  };
  return (event) =>
    rows(event).map((row) => ({
      endpoint: String(row["endpoint"]),
      subscriber: String(row["subscriber"]),
      preferences: String(row["preferences"] ?? writePreferences(withoutSecrets(String(row["document"])))),
    }));
}

function prepare(database: DatabaseSync) {
  return {
    findSubscriber: database.prepare("SELECT 1 FROM subscribers WHERE id = ?"),
    findEvent: database.prepare("SELECT digest FROM events WHERE id = ?"),
    countDeliveries: database.prepare(
      `SELECT (SELECT count(*) FROM pending WHERE pending.id BETWEEN first_delivery AND last_delivery AND event = events.id)
         + (SELECT count(*) FROM finished WHERE finished.id BETWEEN first_delivery AND last_delivery AND event = events.id) AS count
       FROM events WHERE id = ?`,
    ),
  };
}
