import type { DatabaseSync } from "node:sqlite";
import type { AnnounceDeath, Death } from "../../store.ts";
import { openToServe, type Seals } from "../seals.ts";
import { createAnnounce } from "./announcing.ts";

/** Tells of deliveries of existing endpoints that were given up, inside a transaction. */
export function createObituaries(database: DatabaseSync, seals: Seals) {
  const tell = createAnnounce(database);
  const find = database.prepare("SELECT document FROM endpoints WHERE id = ?");
  return (
    death: Omit<Death, "endpoint" | "delivery"> & {
      readonly delivery: Death["delivery"] & { readonly endpoint: string };
    },
    announceDeath: AnnounceDeath | undefined,
  ): void => {
    const { endpoint } = death.delivery;
    const row = announceDeath === undefined ? undefined : find.get(endpoint);
    if (row === undefined) return;
    const named = openToServe(endpoint, String(row["document"]), seals);
    const announcement = announceDeath?.({ ...death, endpoint: named });
    if (announcement !== undefined) tell(announcement, death.nowMs);
  };
}
