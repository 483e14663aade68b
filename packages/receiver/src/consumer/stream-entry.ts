import type { Entry } from "../inbox.ts";

/** An entry of a stream, as the Redis Streams destination writes it; what somebody else wrote is read as far as it goes. */
export function readEntry(id: string, fields: readonly Buffer[]): Entry {
  const values = new Map<string, Buffer>();
  for (let index = 0; index + 1 < fields.length; index += 2)
    values.set(String(fields[index]), fields[index + 1] ?? Buffer.alloc(0));
  const text = (name: string) => values.get(name)?.toString();
  return {
    key: id,
    source: text("source") ?? "",
    eventId: text("id") ?? id,
    eventType: text("type") || undefined,
    headers: readHeaders(text("headers")),
    body: values.get("body") ?? Buffer.alloc(0),
    receivedAtMs: Number(id.split("-", 1)[0]),
  };
}

function readHeaders(json: string | undefined): Record<string, string> {
  try {
    const value: unknown = JSON.parse(json ?? "{}");
    if (typeof value !== "object" || value === null) return {};
    const texts = Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    );
    return Object.fromEntries(texts);
  } catch {
    return {};
  }
}
