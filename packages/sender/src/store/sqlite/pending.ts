import type { DatabaseSync } from "node:sqlite";
import { toScheduled } from "../rows.ts";
import { deliveryColumns, type Row } from "./rows.ts";
import type { Place } from "./order.ts";
import type { Delivery } from "../../core/model.ts";

/** The hot table, by id. */
export function createPending(database: DatabaseSync) {
  const statements = {
    find: database.prepare(`SELECT ${deliveryColumns("pending")} FROM pending WHERE id = ?`),
    remove: database.prepare("DELETE FROM pending WHERE id = ?"),
  };
  return {
    find(id: string): (Delivery & PendingState) | undefined {
      const row: Row | undefined = statements.find.get(id);
      return row === undefined
        ? undefined
        : {
            ...toScheduled(row),
            interruptions: Number(row["interruptions"]),
            rendition: (row["rendition"] as string | null) ?? undefined,
            orderKey: (row["order_key"] as string | null) ?? undefined,
            position: (row["position"] as number | null) ?? undefined,
          };
    },
    remove(id: string): void {
      statements.remove.run(id);
    },
  };
}

export interface PendingState extends Place {
  /** What it sends: see the schema. */
  readonly rendition: string | undefined;
  /** In how many crashes it was in flight. */
  readonly interruptions: number;
}
