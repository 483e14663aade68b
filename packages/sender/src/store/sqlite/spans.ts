import type { DatabaseSync } from "node:sqlite";
import { deliveryColumns, type Row } from "./rows.ts";

/*
 * Which finished deliveries an endpoint has is kept by spans: those of deliveries whose ids begin alike, made within 32 ms.
 * An index of every delivery would be written at a place of its own for each endpoint of a batch, at more than a third of
 * what settling costs. A span is read as a whole, of whatever endpoint, but what one process can make in 32 ms is soon read.
 */

/** How much of an id names its span: `dlv_` and 9 of the 10 digits of its time. */
export const SPAN_LENGTH = 13;

/** Keeps the spans of what is finished. */
export function createSpans(database: DatabaseSync) {
  const insert = database.prepare("INSERT OR IGNORE INTO finished_spans (endpoint, span) VALUES (?, ?)");
  let written: Set<string> | undefined;
  return {
    add(endpoint: string, id: string): void {
      const span = id.slice(0, SPAN_LENGTH);
      const name = `${endpoint} ${span}`;
      if (written?.has(name) === true) return;
      insert.run(endpoint, span);
      written?.add(name);
    },
    /** Writes none twice meanwhile. `work` is one write, which is kept or taken back as a whole. */
    together<T>(work: () => T): T {
      written = new Set();
      try {
        return work();
      } finally {
        written = undefined;
      }
    },
  };
}

export interface SpanQuery {
  readonly order: "ASC" | "DESC";
  /** Of `finished`, with parameters. Default: all. */
  readonly condition?: string;
}

/** Reads, in the order of ids, finished deliveries of an endpoint with ids after one and before another. */
export function createSpanReader(database: DatabaseSync, { order, condition = "true" }: SpanQuery) {
  const statement = database.prepare(
    `SELECT ${deliveryColumns("finished")} FROM finished_spans AS spans CROSS JOIN finished
     WHERE spans.endpoint = ?1 AND spans.span BETWEEN substr(?2, 1, ${SPAN_LENGTH}) AND substr(?3, 1, ${SPAN_LENGTH})
       AND finished.id BETWEEN spans.span AND spans.span || char(${0x10ffff})
       AND substr(finished.id, 1, ${SPAN_LENGTH}) = spans.span AND finished.id > ?2 AND finished.id < ?3 AND finished.endpoint = spans.endpoint AND ${condition}
     ORDER BY spans.span ${order}, finished.id ${order} LIMIT ?4`,
  );
  return (endpoint: string, ids: { readonly after: string; readonly before: string }, limit: number): Row[] =>
    statement.all(endpoint, ids.after, ids.before, limit);
}

/** Forgets spans from which everything has been removed. */
export function createSpanPurge(database: DatabaseSync) {
  // The least of a part of each id would be looked for among all of them.
  const before = database.prepare(
    `DELETE FROM finished_spans WHERE (endpoint, span) IN (
       SELECT endpoint, span FROM finished_spans INDEXED BY finished_spans_by_age
       WHERE span < (SELECT coalesce(substr(min(id), 1, ${SPAN_LENGTH}), char(${0x10ffff})) FROM finished) LIMIT ?)`,
  );
  const of = database.prepare(
    `DELETE FROM finished_spans WHERE span = ?1
       AND NOT EXISTS (SELECT 1 FROM finished WHERE id BETWEEN ?1 AND ?1 || char(${0x10ffff}))`,
  );
  return {
    /** Those before the first delivery that is left, up to `limit`. */
    before: (limit: number) => void before.run(limit),
    /** Those of these deliveries: one that is held for long keeps only its own. */
    of(ids: readonly string[]): void {
      for (const span of new Set(ids.map((id) => id.slice(0, SPAN_LENGTH)))) of.run(span);
    },
  };
}
