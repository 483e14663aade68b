import type { ClaimedEntry, ClaimRequest, DeadLetter, Entry, IncomingEvent } from "../inbox.ts";
import type { ClaimReply } from "./redis-client.ts";

/** What an entry says of its event beside the body: id, type, headers, when it was received. */
type Meta = readonly [string, string | null, Readonly<Record<string, string>>, number];

/** The field `m` of an entry: one text, because Redis and its client work for each of them. */
export function toMeta({ eventId, eventType, headers, receivedAtMs }: IncomingEvent): string {
  return JSON.stringify([eventId, eventType ?? null, headers, receivedAtMs] satisfies Meta);
}

export function toClaimedEntries(
  { source, destination }: Pick<ClaimRequest, "source" | "destination">,
  [, entries]: ClaimReply,
): ClaimedEntry[] {
  return entries.map(([key, attempt, shares, fields]) => ({
    ...toEntry(source, key, readFields(fields)),
    destination,
    attempt: Number(attempt),
    shares: Number(shares),
  }));
}

export function toDeadLetter(
  source: string,
  [key, values]: readonly [Buffer, readonly Buffer[]],
): DeadLetter {
  const fields = readFields(values);
  return {
    ...toEntry(source, key, fields),
    destination: text(fields, "l"),
    attempts: Number(text(fields, "n")),
    reason: text(fields, "x"),
    buriedAtMs: Number(text(fields, "d")),
  };
}

export function toListedEntry(source: string, [key, values]: readonly [Buffer, readonly Buffer[]]): Entry {
  return toEntry(source, key, readFields(values));
}

function toEntry(source: string, key: Buffer, fields: ReadonlyMap<string, Buffer>): Entry {
  // As `toMeta` wrote it.
  const [eventId, eventType, headers, receivedAtMs] = JSON.parse(text(fields, "m")) as Meta;
  return {
    key: key.toString(),
    source,
    eventId,
    eventType: eventType ?? undefined,
    subject: text(fields, "s") || undefined,
    headers,
    receivedAtMs,
    body: fields.get("b") ?? Buffer.alloc(0),
  };
}

function readFields(values: readonly Buffer[]): ReadonlyMap<string, Buffer> {
  const fields = new Map<string, Buffer>();
  for (let at = 0; at + 1 < values.length; at += 2) {
    const [name, value] = values.slice(at, at + 2);
    if (name !== undefined && value !== undefined) fields.set(name.toString(), value);
  }
  return fields;
}

function text(fields: ReadonlyMap<string, Buffer>, name: string): string {
  return fields.get(name)?.toString() ?? "";
}
