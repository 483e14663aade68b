export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member as an object; an empty one when it is something else. */
export function objectAt(value: JsonObject, member: string): JsonObject {
  const found = Object.hasOwn(value, member) ? value[member] : undefined;
  return isObject(found) ? found : {};
}

/** Extends a JSON Pointer (RFC 6901) by one segment. */
export function pointerTo(parent: string, segment: string | number): string {
  const text = String(segment);
  // Asked first: nearly no name needs it, and every schema has thousands.
  const isPlain = !text.includes("~") && !text.includes("/");
  return `${parent}/${isPlain ? text : text.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The same text for the same value, whatever the order of its members. */
export function canonicalJson(value: Json): string {
  if (isObject(value)) {
    const members = Object.keys(value)
      .toSorted()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
    return `{${members.join(",")}}`;
  }
  return Array.isArray(value) ? `[${value.map(canonicalJson).join(",")}]` : JSON.stringify(value);
}
