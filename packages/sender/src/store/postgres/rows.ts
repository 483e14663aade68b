import type { Endpoint, Subscriber } from "../../core/model.ts";
import { deliveryColumns as columnsOf, textOf } from "../rows.ts";
import { openToServe, type Seals } from "../seals.ts";
import type { Row } from "./database.ts";

export function deliveryColumns(table: "pending" | "finished"): string {
  return columnsOf(table, "hooks.");
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
