import type { DatabaseSync } from "node:sqlite";
import { shardOf } from "../../core/sharding.ts";
import { SPAN_LENGTH } from "./spans.ts";
import type { Write } from "./commit-queue.ts";

/** Few enough that whoever else writes, and the process, wait for some milliseconds only. */
const BATCH = 500;

/** Sorts after every delivery. */
const END = { due_ms: Number.MAX_SAFE_INTEGER, id: "\u{10ffff}" };

/** Ends what is scheduled for endpoints that are gone. */
export interface Orphans {
  /** A batch of it; says whether there is more. */
  cancelSome(endpoint: string, nowMs: number): Promise<boolean>;
  /** All of it, a batch at a time. Where that is cut off, whoever looks for what is due finds the rest. */
  cancel(endpoint: string, nowMs: number): Promise<void>;
}

export function createOrphans(database: DatabaseSync, write: Write): Orphans {
  const some = "FROM pending WHERE shard = ?1 AND endpoint = ?2 AND (due_ms, id) <= (?3, ?4)";
  const statements = {
    isThere: database.prepare("SELECT 1 FROM endpoints WHERE id = ?"),
    last: database.prepare(
      `SELECT due_ms, id FROM pending WHERE shard = ? AND endpoint = ? ORDER BY due_ms, id LIMIT 1 OFFSET ${BATCH - 1}`,
    ),
    addSpans: database.prepare(
      `INSERT OR IGNORE INTO finished_spans SELECT DISTINCT endpoint, substr(id, 1, ${SPAN_LENGTH}) ${some}`,
    ),
    finish: database.prepare(
      `INSERT INTO finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms, reason,
         rendition)
       SELECT id, event, event_type, endpoint, subscriber, 'cancelled', attempts, created_ms, ?5, 'endpoint_removed',
         rendition ${some}`,
    ),
    remove: database.prepare(`DELETE ${some}`),
  };
  const cancelNow = (endpoint: string, nowMs: number): boolean => {
    if (statements.isThere.get(endpoint) !== undefined) return false;
    const shard = shardOf(endpoint);
    const last = statements.last.get(shard, endpoint);
    const { due_ms: dueMs = null, id = null } = last ?? END;
    statements.addSpans.run(shard, endpoint, dueMs, id);
    statements.finish.run(shard, endpoint, dueMs, id, nowMs);
    statements.remove.run(shard, endpoint, dueMs, id);
    return last !== undefined;
  };
  const cancelSome = (endpoint: string, nowMs: number) => write(() => cancelNow(endpoint, nowMs));
  return {
    cancelSome,
    async cancel(endpoint, nowMs) {
      while (await cancelSome(endpoint, nowMs));
    },
  };
}
