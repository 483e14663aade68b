import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { IDEMPOTENCY_MS, type Purged, type PurgeRequest, type Retention } from "../../store.ts";
import type { Write } from "./commit-queue.ts";
import { createSpanPurge } from "./spans.ts";

/** Removing what is old. */
export function createRetention(database: DatabaseSync, write: Write): Retention {
  const look = database.prepare(
    `SELECT id, published_ms, first_delivery, last_delivery FROM events
     WHERE published_ms < ? AND (published_ms, id) > (?, ?) ORDER BY published_ms, id LIMIT ?`,
  );
  const spans = createSpanPurge(database);
  const remove = createRemove(database, spans.of);
  const purgeOf = (table: string, { key, age, isOld }: Aged) =>
    database.prepare(
      `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${isOld} ORDER BY ${age} LIMIT ?)`,
    );
  const others = {
    submissions: purgeOf("outbox", {
      key: "number",
      age: "refused_ms",
      isOld: "refused_code IS NOT NULL AND refused_ms < ?",
    }),
    replays: purgeOf("replays", {
      key: "id",
      age: "finished_ms",
      isOld: "finished_ms IS NOT NULL AND finished_ms < ?",
    }),
    keys: purgeOf("idempotency", { key: "key", age: "created_ms", isOld: "created_ms <= ?" }),
  };

  const purge = ({ beforeMs, nowMs, limit, after }: PurgeRequest): Purged => {
    const old = look.all(beforeMs, after?.publishedMs ?? -1, after?.id ?? "", limit);
    let last = after;
    let left = limit;
    let events = 0;
    for (const row of old) {
      if (left <= 0) break;
      const id = String(row["id"]);
      const range = [row["first_delivery"] ?? null, row["last_delivery"] ?? null] as const;
      const removed = remove({ id, range }, left);
      // The next step goes on with it.
      if (removed.kind === "begun") break;
      last = { publishedMs: Number(row["published_ms"]), id };
      left -= removed.weight;
      if (removed.kind === "over") events += 1;
    }
    const submissions = Number(others.submissions.run(beforeMs, limit).changes);
    const keys = Number(others.keys.run(nowMs - IDEMPOTENCY_MS, limit).changes);
    const replays = Number(others.replays.run(beforeMs, limit).changes);
    spans.before(limit);
    const hasMore = old.length > 0 || [submissions, keys, replays].includes(limit);
    return { events, after: last, hasMore };
  };

  return { purge: (request) => write(() => purge(request)) };
}

interface Aged {
  readonly key: string;
  readonly age: string;
  readonly isOld: string;
}

interface Old {
  readonly id: string;
  readonly range: readonly [first: SQLOutputValue, last: SQLOutputValue];
}

/** What became of an event: it stays for what is pending, or was too much for once, or is gone. */
interface Removed {
  readonly kind: "held" | "begun" | "over";
  readonly weight: number;
}

/**
 * Removes the first deliveries of an event that weigh up to so much, each as much as it has attempts, and with the last of
 * them the event; or nothing of it, when one is pending. The event knows the first of what it still has.
 */
function createRemove(database: DatabaseSync, forgetSpansOf: (deliveries: readonly string[]) => void) {
  const deliveries = "id BETWEEN ? AND ? AND event = ?";
  const statements = {
    isPending: database.prepare(`SELECT 1 FROM pending WHERE ${deliveries} LIMIT 1`),
    ended: database.prepare(`SELECT id, attempts FROM finished WHERE ${deliveries} ORDER BY id`),
    attempts: database.prepare("DELETE FROM attempts WHERE delivery = ?"),
    finished: database.prepare("DELETE FROM finished WHERE id = ?"),
    begun: database.prepare("UPDATE events SET first_delivery = ? WHERE id = ?"),
    renditions: database.prepare("DELETE FROM renditions WHERE event = ?"),
    event: database.prepare("DELETE FROM events WHERE id = ?"),
  };
  /** The first that are not too much, and which one comes after them. */
  const firstOf = ({ id, range }: Old, most: number) => {
    const ids: string[] = [];
    let weight = 1;
    for (const row of statements.ended.iterate(...range, id)) {
      const delivery = String(row["id"]);
      if (ids.length > 0 && weight > most) return { ids, weight, next: delivery };
      ids.push(delivery);
      weight += Math.max(1, Number(row["attempts"]));
    }
    return { ids, weight, next: undefined };
  };
  return (old: Old, most: number): Removed => {
    if (statements.isPending.get(...old.range, old.id) !== undefined) return { kind: "held", weight: 1 };
    const { ids, weight, next } = firstOf(old, most);
    for (const id of ids) {
      statements.attempts.run(id);
      statements.finished.run(id);
    }
    forgetSpansOf(ids);
    if (next !== undefined) {
      statements.begun.run(next, old.id);
      return { kind: "begun", weight };
    }
    statements.renditions.run(old.id);
    statements.event.run(old.id);
    return { kind: "over", weight };
  };
}
