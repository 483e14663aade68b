import type { SQLOutputValue } from "node:sqlite";
import type { Endpoint, Subscriber } from "../../core/model.ts";
import { deliveryColumns as columnsOf, textOf } from "../rows.ts";
import type { Seals } from "../seals.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function deliveryColumns(table: "pending" | "finished"): string {
  return columnsOf(table, "");
}

export function toSubscriber(row: Row): Subscriber {
  return { id: textOf(row["id"]), name: textOf(row["name"]), createdAtMs: Number(row["created_ms"]) };
}

export function toEndpoint(row: Row, seals: Seals): Endpoint {
  return seals.openEndpoint(textOf(row["id"]), textOf(row["document"]));
}
