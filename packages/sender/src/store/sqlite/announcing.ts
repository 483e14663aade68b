import type { DatabaseSync } from "node:sqlite";
import type { Announcement } from "../../store.ts";

/** Submits an event to be published, inside a transaction. */
export function createAnnounce(database: DatabaseSync): (announcement: Announcement, nowMs: number) => void {
  const submit = database.prepare(
    "INSERT INTO outbox (event_id, type, data, subscriber, happened_at) VALUES (?, ?, ?, ?, ?)",
  );
  return ({ id, type, data, subscriber }, nowMs) =>
    void submit.run(id, type, JSON.stringify(data), subscriber, new Date(nowMs).toISOString());
}
