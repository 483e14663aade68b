import { BEHIND_MS } from "../core/ordering.ts";
import type { Attempt, Delivery, EventRecord } from "../core/model.ts";
import type { Sent, Submitted } from "../store.ts";
import { openBody } from "./bodies.ts";
import type { Seals } from "./seals.ts";

/** As a driver gives it: columns by their names. */
export type StoredRow = Readonly<Record<string, unknown>>;

/*
 * Rows are read into the model here and nowhere else: the tables of both databases have the same columns. The casts hold
 * because only these stores write the tables.
 */

/** The columns of deliveries with the version that each sends; null where it could not be rendered. */
export function deliveryColumns(table: "pending" | "finished", schema: "" | "hooks."): string {
  return `${table}.*, CASE WHEN ${table}.rendition IS NULL
    THEN (SELECT version FROM ${schema}events WHERE events.id = ${table}.event)
    ELSE (SELECT version FROM ${schema}renditions WHERE renditions.event = ${table}.event AND key = ${table}.rendition)
    END AS version`;
}

export function toEvent(row: StoredRow, seals: Seals): EventRecord {
  return {
    id: textOf(row["id"]),
    type: textOf(row["type"]),
    version: textOf(row["version"]),
    source: textOf(row["source"]),
    publishedAtMs: Number(row["published_ms"]),
    body: seals.openBytes("body", textOf(row["id"]), row["body"] as Uint8Array),
    ...(row["subject"] === null
      ? {}
      : { subject: textOf(row["subject"]), sequence: Number(row["sequence"]) }),
    ...(row["subscriber"] === null ? {} : { subscriber: textOf(row["subscriber"]) }),
  };
}

export function toScheduled(row: StoredRow): Delivery {
  const dueMs = Number(row["due_ms"]);
  return { ...toDelivery(row), state: "scheduled", ...(dueMs === BEHIND_MS ? {} : { dueMs }) };
}

export function toFinished(row: StoredRow): Delivery {
  return {
    ...toDelivery(row),
    state: textOf(row["state"]) as Delivery["state"],
    finishedAtMs: Number(row["finished_ms"]),
    ...(row["reason"] === null ? {} : { reason: textOf(row["reason"]) }),
  };
}

export function toAttempt(row: StoredRow, seals: Seals): Attempt {
  const response = seals.openResponse(textOf(row["delivery"]), Number(row["number"]), row["response"]);
  return {
    delivery: textOf(row["delivery"]),
    number: Number(row["number"]),
    startedAtMs: Number(row["started_ms"]),
    durationMs: Number(row["duration_ms"]),
    outcome: textOf(row["outcome"]) as Attempt["outcome"],
    ...(row["status"] === null ? {} : { status: Number(row["status"]) }),
    ...(response === undefined ? {} : { response }),
  };
}

/** What a delivery sent, or would; nothing where it could not be rendered. */
export function toSent(row: StoredRow | undefined, seals: Seals): Sent | undefined {
  if (row === undefined || row["body"] === null) return undefined;
  const kept = row["body"] as Uint8Array;
  const rendition = row["rendition"] as string | null;
  return {
    version: textOf(row["version"]),
    body: openBody(seals, { event: textOf(row["event"]), rendition, kept }),
  };
}

/** Other programs write these rows: in the embedded store a column holds what was written, so all is read as text. */
export function toSubmitted(row: StoredRow): Submitted {
  const text = (name: string) => String(row[name]);
  const optional = (name: string) => (row[name] === null ? {} : { [name]: text(name) });
  return {
    number: Number(row["number"]),
    event: text("event_id"),
    type: text("type"),
    data: text("data"),
    timestamp: text("happened_at"),
    ...optional("subject"),
    ...optional("subscriber"),
    ...optional("version"),
    ...optional("source"),
  };
}

function toDelivery(row: StoredRow): Omit<Delivery, "state"> {
  return {
    id: textOf(row["id"]),
    event: textOf(row["event"]),
    eventType: textOf(row["event_type"]),
    endpoint: textOf(row["endpoint"]),
    subscriber: textOf(row["subscriber"]),
    attempts: Number(row["attempts"]),
    createdAtMs: Number(row["created_ms"]),
    ...(row["version"] === null ? {} : { version: textOf(row["version"]) }),
  };
}

/** Of a column that has a text in each of its rows. */
export function textOf(value: unknown): string {
  return value as string;
}
