import type { ClaimedEntry, DeadLetter } from "../inbox.ts";

/** What `SELECT` gives; the schema is STRICT, so the types are what the columns say. */
export interface PayloadRow {
  readonly key: number;
  readonly source: string;
  readonly event_id: string;
  readonly event_type: string | null;
  readonly headers: string;
  readonly received_at: number;
  readonly body: Uint8Array;
  readonly confirmed: string;
}

export interface EntryRow extends PayloadRow {
  readonly attempt: number;
}

export interface DeadRow extends PayloadRow {
  readonly attempts: number;
  readonly reason: string;
  readonly buried_at: number;
}

export function toClaimedEntry(row: EntryRow): ClaimedEntry {
  return { ...toEntry(row), attempt: row.attempt + 1 };
}

export function toDeadLetter(row: DeadRow): DeadLetter {
  return { ...toEntry(row), attempts: row.attempts, reason: row.reason, buriedAtMs: row.buried_at };
}

function toEntry(row: PayloadRow) {
  return {
    key: String(row.key),
    source: row.source,
    eventId: row.event_id,
    eventType: row.event_type ?? undefined,
    headers: JSON.parse(row.headers) as Record<string, string>,
    body: row.body,
    receivedAtMs: row.received_at,
    confirmed: JSON.parse(row.confirmed) as string[],
  };
}
