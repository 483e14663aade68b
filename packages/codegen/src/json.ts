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

/** The strings of a list such as `required`; none when it is something else. */
export function stringsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

export function isScalar(value: Json): boolean {
  return typeof value !== "object" || value === null;
}

/** Extends a JSON Pointer (RFC 6901) by one segment. */
export function pointerTo(parent: string, segment: string | number): string {
  return `${parent}/${escapeSegment(String(segment))}`;
}

/** A name as a segment of a JSON Pointer. */
export function escapeSegment(name: string): string {
  // Asked first: nearly no name needs it, and every schema has thousands.
  const isPlain = !name.includes("~") && !name.includes("/");
  return isPlain ? name : name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The names a JSON Pointer leads through. */
export function segmentsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
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
