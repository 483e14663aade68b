import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { IDEMPOTENCY_MS, type Purged, type PurgeRequest, type Retention } from "../../store.ts";
import type { Write } from "./commit-queue.ts";

/** Removing what is old. */
export function createRetention(database: DatabaseSync, write: Write): Retention {
  const look = database.prepare(
    `SELECT id, published_ms, first_delivery, last_delivery FROM events
     WHERE published_ms < ? AND (published_ms, id) > (?, ?) ORDER BY published_ms, id LIMIT ?`,
  );
  const remove = createRemove(database);
  const others = {
    submissions: database.prepare(
      `DELETE FROM outbox WHERE number IN (SELECT number FROM outbox
         WHERE refused_code IS NOT NULL AND refused_ms < ? ORDER BY refused_ms LIMIT ?)`,
    ),
    replays: database.prepare(
      `DELETE FROM replays WHERE id IN (SELECT id FROM replays
         WHERE finished_ms IS NOT NULL AND finished_ms < ? ORDER BY finished_ms LIMIT ?)`,
    ),
    keys: database.prepare(
      `DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency
         WHERE created_ms <= ? ORDER BY created_ms LIMIT ?)`,
    ),
  };

  const purge = ({ beforeMs, nowMs, limit, after }: PurgeRequest): Purged => {
    const old = look.all(beforeMs, after?.publishedMs ?? -1, after?.id ?? "", limit);
    let last = after;
    let weight = 0;
    let events = 0;
    for (const row of old) {
      if (weight >= limit) break;
      const id = String(row["id"]);
      last = { publishedMs: Number(row["published_ms"]), id };
      const deliveries = remove(id, [row["first_delivery"] ?? null, row["last_delivery"] ?? null]);
      weight += 1 + (deliveries ?? 0);
      if (deliveries !== undefined) events += 1;
    }
    const submissions = Number(others.submissions.run(beforeMs, limit).changes);
    const keys = Number(others.keys.run(nowMs - IDEMPOTENCY_MS, limit).changes);
    const replays = Number(others.replays.run(beforeMs, limit).changes);
    const hasMore = old.length > 0 || [submissions, keys, replays].includes(limit);
    return { events, after: last, hasMore };
  };

  return { purge: (request) => write(() => purge(request)) };
}

/** Removes an event with all that belongs to it, and says how many deliveries it had; or leaves it, when one is pending. */
function createRemove(database: DatabaseSync) {
  const deliveries = "id BETWEEN ? AND ? AND event = ?";
  const statements = {
    isPending: database.prepare(`SELECT 1 FROM pending WHERE ${deliveries} LIMIT 1`),
    attempts: database.prepare(
      `DELETE FROM attempts WHERE delivery IN (SELECT id FROM finished WHERE ${deliveries})`,
    ),
    finished: database.prepare(`DELETE FROM finished WHERE ${deliveries}`),
    renditions: database.prepare("DELETE FROM renditions WHERE event = ?"),
    event: database.prepare("DELETE FROM events WHERE id = ?"),
  };
  return (id: string, range: readonly [first: SQLOutputValue, last: SQLOutputValue]): number | undefined => {
    if (statements.isPending.get(...range, id) !== undefined) return undefined;
    statements.attempts.run(...range, id);
    const { changes } = statements.finished.run(...range, id);
    statements.renditions.run(id);
    statements.event.run(id);
    return Number(changes);
  };
}
