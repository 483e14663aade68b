import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Delivery } from "../../core/model.ts";
import { createdWithin } from "../created-within.ts";
import type { DeadLetterFilter, DeadLetters, Page } from "../../store.ts";
import { createSnapshot } from "./database.ts";
import type { Seals } from "../seals.ts";
import { toFinished, toSent } from "../rows.ts";
import { deliveryColumns } from "./rows.ts";

/** Deliveries that were given up. */
export function createDeadLetters(database: DatabaseSync, seals: Seals): DeadLetters {
  const sent = ["pending", "finished"].map((table) =>
    database.prepare(
      `SELECT ${table}.event, rendition, iif(rendition IS NULL, events.version, renditions.version) AS version,
         iif(rendition IS NULL, events.body, renditions.body) AS body
       FROM ${table} JOIN events ON events.id = ${table}.event
         LEFT JOIN renditions ON renditions.event = ${table}.event AND renditions.key = rendition
       WHERE ${table}.id = ?`,
    ),
  );
  const atOnce = createSnapshot(database);
  return {
    listDeadLetters: async (request) => listDeadLetters(database, request),
    async getSent(delivery) {
      const rows = atOnce(() => sent.map((statement) => statement.get(delivery)));
      const row = rows.find((found) => found !== undefined);
      return toSent(row, seals);
    },
  };
}

/** Sorts after every id. */
const LAST = "\u{10ffff}";

/** Without statistics nobody knows that few deliveries die, so the index is named. */
const INDEXES = {
  endpoint: "unsent_by_endpoint",
  subscriber: "dead_by_subscriber",
  type: "dead_by_type",
  none: "finished_dead",
} as const;

function indexOf({ endpoint, subscriber, eventType }: DeadLetterFilter): string {
  if (endpoint !== undefined) return INDEXES.endpoint;
  if (subscriber !== undefined) return INDEXES.subscriber;
  return eventType === undefined ? INDEXES.none : INDEXES.type;
}

function listDeadLetters(
  database: DatabaseSync,
  { limit, after = LAST, ...filter }: Page & DeadLetterFilter,
): readonly Delivery[] {
  const { event, endpoint, subscriber, eventType, fromMs, toMs } = filter;
  const { firstId, lastId } = createdWithin(filter);
  const wanted: [sql: string, value: SQLInputValue | undefined][] = [
    ["id < ?", after < lastId ? after : lastId],
    ["id >= ?", firstId],
    ["event = ?", event],
    ["id >= (SELECT first_delivery FROM events WHERE id = ?)", event],
    ["id <= (SELECT last_delivery FROM events WHERE id = ?)", event],
    ["endpoint = ?", endpoint],
    ["subscriber = ?", subscriber],
    ["event_type = ?", eventType],
    ["created_ms >= ?", fromMs],
    ["created_ms < ?", toMs],
  ];
  const given = wanted.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  const statement = database.prepare(
    `SELECT ${deliveryColumns("finished")} FROM finished INDEXED BY ${indexOf(filter)}
     WHERE state = 'dead' AND state <> 'delivered' AND ${given.map(({ sql }) => sql).join(" AND ")}
     ORDER BY id DESC LIMIT ?`,
  );
  return statement.all(...given.map(({ value }) => value), limit).map(toFinished);
}
