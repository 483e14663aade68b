import type { ClaimedEntry, DeadLetter } from "../inbox.ts";

/** What `SELECT` gives; the schema is STRICT, so the types are what the columns say. */
export interface EventRow {
  readonly key: number;
  readonly source: string;
  readonly destination: string;
  readonly event_id: string;
  readonly event_type: string | null;
  readonly subject: string | null;
  readonly headers: string;
  readonly received_at: number;
  readonly body: Uint8Array;
}

export interface DeliveryRow extends EventRow {
  readonly attempt: number;
  readonly shares: number;
}

export interface DeadRow extends EventRow {
  readonly attempts: number;
  readonly reason: string;
  readonly buried_at: number;
}

export function toClaimedEntry(row: DeliveryRow): ClaimedEntry {
  return { ...toEntry(row), attempt: row.attempt + 1, shares: row.shares };
}

export function toDeadLetter(row: DeadRow): DeadLetter {
  return { ...toEntry(row), attempts: row.attempts, reason: row.reason, buriedAtMs: row.buried_at };
}

function toEntry(row: EventRow) {
  return {
    key: String(row.key),
    source: row.source,
    destination: row.destination,
    eventId: row.event_id,
    eventType: row.event_type ?? undefined,
    subject: row.subject ?? undefined,
    headers: JSON.parse(row.headers) as Record<string, string>,
    body: row.body,
    receivedAtMs: row.received_at,
  };
}
