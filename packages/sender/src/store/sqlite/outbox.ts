import type { DatabaseSync } from "node:sqlite";
import { patternsOf } from "../../core/subscription.ts";
import { shardOf } from "../../core/sharding.ts";
import type { Ids } from "../../ids.ts";
import { bodyOf } from "../../render.ts";
import type { NewEvent, Outbox, PublishResult } from "../../store.ts";
import type { Write } from "./commit-queue.ts";
import { createIdempotency } from "./idempotency.ts";

interface Target {
  readonly endpoint: string;
  readonly subscriber: string;
}

/** Keeps events together with their deliveries. */
export function createOutbox(database: DatabaseSync, write: Write, newId: Ids): Outbox {
  const publishOne = createPublish(database, newId);
  return {
    async publish(events, nowMs) {
      try {
        return await write(() => {
          const results = events.map((event) => publishOne(event, nowMs));
          if (results.some(({ kind }) => kind !== "published")) throw new Refused(results);
          return results;
        });
      } catch (error) {
        if (error instanceof Refused) return error.results;
        throw error;
      }
    },
  };
}

/** Publishes one event, inside a transaction. */
function createPublish(
  database: DatabaseSync,
  newId: Ids,
): (event: NewEvent, nowMs: number) => PublishResult {
  const idempotency = createIdempotency(database);
  const findTargets = createTargets(database);
  const insertEvent = createInsert(database);
  const statements = prepare(database);

  /** What an event that was published before answers now. */
  const repeat = (id: string, digest: string): PublishResult | undefined => {
    const known = statements.findEvent.get(id);
    if (known === undefined) return undefined;
    if (known["digest"] !== digest) return { kind: "event_id_conflict", id };
    const count = statements.countDeliveries.get(id);
    return { kind: "published", id, deliveries: Number(count?.["count"]), duplicate: true, endpoints: [] };
  };

  const publish = (event: NewEvent, nowMs: number): PublishResult => {
    const { idempotency: used } = event;
    if (used !== undefined) {
      const recalled = idempotency.recall(used, nowMs);
      if (recalled.kind === "conflict") return { kind: "idempotency_conflict", id: event.id };
      const repeated = recalled.kind === "repeat" ? repeat(recalled.resource, event.digest) : undefined;
      if (repeated !== undefined) return repeated;
    }
    const repeated = repeat(event.id, event.digest);
    if (repeated !== undefined) return repeated;
    if (event.subscriber !== undefined && statements.findSubscriber.get(event.subscriber) === undefined) {
      return { kind: "subscriber_not_found", id: event.id };
    }
    const targets = findTargets(event).map((target) => ({ ...target, id: newId("dlv") }));
    insertEvent(
      event,
      targets.map(({ id }) => id),
      nowMs,
    );
    for (const { endpoint, subscriber, id } of targets) {
      statements.insertPending.run(
        shardOf(endpoint),
        endpoint,
        nowMs,
        id,
        event.id,
        event.type,
        subscriber,
        nowMs,
      );
    }
    if (used !== undefined) idempotency.remember({ ...used, resource: event.id }, nowMs);
    const endpoints = targets.map(({ endpoint }) => endpoint);
    return { kind: "published", id: event.id, deliveries: targets.length, duplicate: false, endpoints };
  };

  return publish;
}

/** Takes a batch back of which one event is refused. */
class Refused extends Error {
  readonly results: readonly PublishResult[];
  constructor(results: readonly PublishResult[]) {
    super("refused");
    this.results = results;
  }
}

type InsertEvent = (event: NewEvent, deliveries: readonly string[], nowMs: number) => void;

/** Keeps an event under the next number of its subject. */
function createInsert(database: DatabaseSync): InsertEvent {
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
      event.digest,
      deliveries[0] ?? null,
      deliveries.at(-1) ?? null,
      bodyOf(event.envelope, sequence),
    );
  };
}

/** The endpoints that take an event: one named by it, those of its subscriber, or everybody's. */
function createTargets(database: DatabaseSync): (event: NewEvent) => readonly Target[] {
  const statements = {
    one: database.prepare("SELECT id AS endpoint, subscriber FROM endpoints WHERE id = ?"),
    ofSubscriber: database.prepare(
      "SELECT DISTINCT endpoint, subscriber FROM subscriptions WHERE pattern IN (?, ?, ?) AND subscriber = ?",
    ),
    ofAll: database.prepare(
      "SELECT DISTINCT endpoint, subscriber FROM subscriptions WHERE pattern IN (?, ?, ?)",
    ),
  };
  const rows = ({ type, subscriber, endpoint }: NewEvent) => {
    const [exact = type, resource = type, all = "*"] = patternsOf(type);
    if (endpoint !== undefined) return statements.one.all(endpoint);
    if (subscriber !== undefined) return statements.ofSubscriber.all(exact, resource, all, subscriber);
    return statements.ofAll.all(exact, resource, all);
  };
  return (event) =>
    rows(event).map((row) => ({ endpoint: String(row["endpoint"]), subscriber: String(row["subscriber"]) }));
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
    insertPending: database.prepare(
      `INSERT INTO pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts, attempts_before_schedule,
         interruptions, created_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?)`,
    ),
  };
}
