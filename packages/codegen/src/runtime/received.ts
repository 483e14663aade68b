/** The data an error is about, and the pointers in it whose values must not be shown. */
export interface Redaction {
  readonly data: unknown;
  readonly sensitive: readonly string[];
}

const maxShown = 60;

/**
 * Says what stands at a pointer. Of a sensitive value, of what holds or may hold one, and of a member the contract
 * does not know (`hidden`), it tells only the kind.
 */
export function describeReceived(pointer: string, redaction: Redaction, hidden: boolean): string {
  const segments = pointer.split("/").slice(1).map(unescapeSegment);
  const value = valueAt(redaction.data, segments);
  if (value === undefined) return "nothing";
  const covered = hidden || redaction.sensitive.some((pattern) => overlaps(pattern, segments));
  return describeValue(value, covered);
}

/** Says what a value is, such as `string "abc"`; only its kind when it is `hidden`. */
export function describeValue(value: unknown, hidden = false): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (hidden) return `a ${typeof value} (not shown)`;
  if (typeof value === "string") return `string ${JSON.stringify(shorten(value))}`;
  return `${typeof value} ${String(value)}`;
}

function shorten(text: string): string {
  return text.length <= maxShown ? text : `${text.slice(0, maxShown)}…`;
}

function valueAt(data: unknown, segments: readonly string[]): unknown {
  let value = data;
  for (const segment of segments) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[segment];
  }
  return value;
}

/** Whether one of the two lies at or below the other. */
function overlaps(pattern: string, segments: readonly string[]): boolean {
  const parts = pattern.split("/").slice(1).map(unescapeSegment);
  const shared = Math.min(parts.length, segments.length);
  for (let index = 0; index < shared; index++)
    if (parts[index] !== "*" && parts[index] !== segments[index]) return false;
  return true;
}

function unescapeSegment(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}
