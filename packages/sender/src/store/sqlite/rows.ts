import type { SQLOutputValue } from "node:sqlite";
import { BEHIND_MS } from "../../core/ordering.ts";
import type { Seals } from "../seals.ts";
import type { Attempt, Delivery, Endpoint, EventRecord, Subscriber } from "../../core/model.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

/*
 * Rows are read into the model here and nowhere else. The casts hold because the tables are STRICT and only this store
 * writes them.
 */

/** The columns of deliveries with the version that each sends; null where it could not be rendered. */
export function deliveryColumns(table: "pending" | "finished"): string {
  return `*, CASE WHEN ${table}.rendition IS NULL
    THEN (SELECT version FROM events WHERE events.id = ${table}.event)
    ELSE (SELECT version FROM renditions WHERE renditions.event = ${table}.event AND key = ${table}.rendition)
    END AS version`;
}

export function toSubscriber(row: Row): Subscriber {
  return { id: text(row["id"]), name: text(row["name"]), createdAtMs: Number(row["created_ms"]) };
}

export function toEndpoint(row: Row, seals: Seals): Endpoint {
  return seals.openEndpoint(text(row["id"]), text(row["document"]));
}

export function toEvent(row: Row, seals: Seals): EventRecord {
  return {
    id: text(row["id"]),
    type: text(row["type"]),
    version: text(row["version"]),
    source: text(row["source"]),
    publishedAtMs: Number(row["published_ms"]),
    body: seals.openBytes("body", text(row["id"]), row["body"] as Uint8Array),
    ...(row["subject"] === null ? {} : { subject: text(row["subject"]), sequence: Number(row["sequence"]) }),
    ...(row["subscriber"] === null ? {} : { subscriber: text(row["subscriber"]) }),
  };
}

export function toScheduled(row: Row): Delivery {
  const dueMs = Number(row["due_ms"]);
  return { ...toDelivery(row), state: "scheduled", ...(dueMs === BEHIND_MS ? {} : { dueMs }) };
}

export function toFinished(row: Row): Delivery {
  return {
    ...toDelivery(row),
    state: text(row["state"]) as Delivery["state"],
    finishedAtMs: Number(row["finished_ms"]),
    ...(row["reason"] === null ? {} : { reason: text(row["reason"]) }),
  };
}

export function toAttempt(row: Row, seals: Seals): Attempt {
  const response = seals.openResponse(text(row["delivery"]), Number(row["number"]), row["response"]);
  return {
    delivery: text(row["delivery"]),
    number: Number(row["number"]),
    startedAtMs: Number(row["started_ms"]),
    durationMs: Number(row["duration_ms"]),
    outcome: text(row["outcome"]) as Attempt["outcome"],
    ...(row["status"] === null ? {} : { status: Number(row["status"]) }),
    ...(response === undefined ? {} : { response }),
  };
}

function toDelivery(row: Row): Omit<Delivery, "state"> {
  return {
    id: text(row["id"]),
    event: text(row["event"]),
    eventType: text(row["event_type"]),
    endpoint: text(row["endpoint"]),
    subscriber: text(row["subscriber"]),
    attempts: Number(row["attempts"]),
    createdAtMs: Number(row["created_ms"]),
    ...(row["version"] === null ? {} : { version: text(row["version"]) }),
  };
}

function text(value: SQLOutputValue | undefined): string {
  return value as string;
}
