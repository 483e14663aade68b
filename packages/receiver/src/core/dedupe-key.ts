import { hash } from "node:crypto";

/** The name under which an event id is remembered: of fixed length, whatever the sender chose as id. */
export function dedupeKey(eventId: string): string {
  return hash("sha256", eventId, "base64url");
}
