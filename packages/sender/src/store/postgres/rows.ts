import { BEHIND_MS } from "../../core/ordering.ts";
import type { Attempt, Delivery, Endpoint, EventRecord, Subscriber } from "../../core/model.ts";
import { openToServe, type Seals } from "../seals.ts";
import type { Row } from "./database.ts";

/*
 * Rows are read into the model here and nowhere else. The casts hold because only this store writes the tables.
 */

/** The columns of deliveries with the version that each sends; null where it could not be rendered. */
export function deliveryColumns(table: "pending" | "finished"): string {
  return `${table}.*, CASE WHEN ${table}.rendition IS NULL
    THEN (SELECT version FROM hooks.events WHERE events.id = ${table}.event)
    ELSE (SELECT version FROM hooks.renditions WHERE renditions.event = ${table}.event AND key = ${table}.rendition)
    END AS version`;
}

export function toSubscriber(row: Row): Subscriber {
  return JSON.parse(textOf(row["document"])) as Subscriber;
}

/** What changes without its owner has columns of its own, which go before the document. */
export const ENDPOINT_COLUMNS = "id, document, state, disabled_reason, revision, updated_ms";

export function toEndpoint(row: Row, seals: Seals): Endpoint {
  return withColumns(seals.openEndpoint(textOf(row["id"]), textOf(row["document"])), row);
}

/** Of a row of `take`, whatever its secrets are kept as. */
export function toEndpointToServe(row: Row, seals: Seals): Endpoint {
  return withColumns(openToServe(textOf(row["endpoint"]), textOf(row["document"]), seals), row);
}

function withColumns({ disabledReason: _, ...document }: Endpoint, row: Row): Endpoint {
  return {
    ...document,
    state: textOf(row["state"]) as Endpoint["state"],
    revision: Number(row["revision"]),
    updatedAtMs: Number(row["updated_ms"]),
    ...(row["disabled_reason"] === null ? {} : { disabledReason: textOf(row["disabled_reason"]) }),
  };
}

export function toEvent(row: Row, seals: Seals): EventRecord {
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

export function toScheduled(row: Row): Delivery {
  const dueMs = Number(row["due_ms"]);
  return { ...toDelivery(row), state: "scheduled", ...(dueMs === BEHIND_MS ? {} : { dueMs }) };
}

export function toFinished(row: Row): Delivery {
  return {
    ...toDelivery(row),
    state: textOf(row["state"]) as Delivery["state"],
    finishedAtMs: Number(row["finished_ms"]),
    ...(row["reason"] === null ? {} : { reason: textOf(row["reason"]) }),
  };
}

export function toAttempt(row: Row, seals: Seals): Attempt {
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

function toDelivery(row: Row): Omit<Delivery, "state"> {
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

function textOf(value: unknown): string {
  return value as string;
}
