import type { ClaimedEntry, DeadLetter, Entry } from "../inbox.ts";
import type { ClaimReply } from "./redis-client.ts";

export function toClaimedEntries(source: string, [, entries]: ClaimReply): ClaimedEntry[] {
  return entries.map(([key, attempt, confirmed, fields]) => ({
    ...toEntry(source, key, readFields(fields)),
    attempt: Number(attempt),
    confirmed: JSON.parse(confirmed.toString()) as string[],
  }));
}

export function toDeadLetter(
  source: string,
  [key, values]: readonly [Buffer, readonly Buffer[]],
): DeadLetter {
  const fields = readFields(values);
  return {
    ...toEntry(source, key, fields),
    confirmed: JSON.parse(text(fields, "c")) as string[],
    attempts: Number(text(fields, "n")),
    reason: text(fields, "x"),
    buriedAtMs: Number(text(fields, "d")),
  };
}

function toEntry(source: string, key: Buffer, fields: ReadonlyMap<string, Buffer>): Entry {
  return {
    key: key.toString(),
    source,
    eventId: text(fields, "i"),
    eventType: text(fields, "t") || undefined,
    headers: JSON.parse(text(fields, "h")) as Record<string, string>,
    receivedAtMs: Number(text(fields, "r")),
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
