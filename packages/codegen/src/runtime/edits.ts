/** One change of a value: at a pointer there comes another value, a text made of one repeated, or nothing. */
export type Edit =
  | readonly [pointer: string]
  | readonly [pointer: string, value: unknown]
  | readonly [pointer: string, text: string, times: number];

export type Edits = readonly Edit[];

/** A changed copy of a value, which shares what did not change; `undefined` when there is no place for an edit. */
export function edited(value: unknown, edits: Edits): unknown {
  let changed = value;
  for (const edit of edits) {
    changed = applied(changed, edit, segmentsOf(edit[0]));
    if (changed === undefined) return undefined;
  }
  return changed;
}

function applied(value: unknown, edit: Edit, [segment, ...rest]: readonly string[]): unknown {
  if (segment === undefined) return edit.length === 3 ? edit[1].repeat(edit[2]) : edit[1];
  if (typeof value !== "object" || value === null) return undefined;
  const isLast = rest.length === 0;
  if (!isLast && !Object.hasOwn(value, segment)) return undefined;
  const inner: unknown = (value as Readonly<Record<string, unknown>>)[segment];
  const next = applied(inner, edit, rest);
  const isRemoval = isLast && edit.length === 1;
  if (next === undefined && !isRemoval) return undefined;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === segment ? next : item));
  // A member called `__proto__` is a member like any other.
  const entries = Object.entries(value).filter(([name]) => name !== segment);
  return Object.fromEntries(isRemoval ? entries : [...entries, [segment, next]]);
}

function segmentsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}
