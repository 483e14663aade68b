import type { ClaimedEntry, DeadLetter, Entry } from "../inbox.ts";

/** What `SELECT` gives; the schema is STRICT, so the types are what the columns say. */
export interface EventRow {
  readonly key: number;
  readonly source: string;
  readonly event_id: string;
  readonly event_type: string | null;
  readonly subject: string | null;
  readonly headers: string;
  readonly received_at: number;
  readonly body: Uint8Array;
}

export interface DeliveryRow extends EventRow {
  readonly destination: string;
  readonly attempt: number;
  readonly shares: number;
}

export interface DeadRow extends EventRow {
  readonly destination: string;
  readonly attempts: number;
  readonly reason: string;
  readonly buried_at: number;
}

export function toClaimedEntry(row: DeliveryRow): ClaimedEntry {
  const { destination, attempt, shares } = row;
  return { ...toEntry(row), destination, attempt: attempt + 1, shares };
}

export function toDeadLetter(row: DeadRow): DeadLetter {
  const { destination, attempts, reason, buried_at: buriedAtMs } = row;
  return { ...toEntry(row), destination, attempts, reason, buriedAtMs };
}

export function toEntry(row: EventRow): Entry {
  return {
    key: String(row.key),
    source: row.source,
    eventId: row.event_id,
    eventType: row.event_type ?? undefined,
    subject: row.subject ?? undefined,
    headers: JSON.parse(row.headers) as Record<string, string>,
    body: row.body,
    receivedAtMs: row.received_at,
  };
}
