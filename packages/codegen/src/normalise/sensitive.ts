import { isObject, objectAt, type JsonObject } from "../json.ts";
import { children, descend } from "../schema.ts";
import { referenceOf, targetsOf } from "./definitions.ts";

/** So many references are followed; of what lies further in, all is sensitive if anything is. */
const maxFollowed = 2_000;

/** Pointers into `data` (with `*` for any index or key) of everything a bundled contract marks `x-sensitive`. */
export function sensitivePointers(schema: JsonObject): readonly string[] {
  const definitions = objectAt(schema, "$defs");
  const marked = markedIn(definitions);
  const found = new Set<string>();
  const waiting: Visit[] = [{ schema, at: "", open: [] }];
  let followed = 0;
  // Outermost first, so that what is beyond the limit is as far in as can be.
  for (let index = 0; index < waiting.length; index++) {
    const { schema: part, at, open } = waiting[index] as Visit;
    if (part["x-sensitive"] !== undefined) found.add(at);
    const name = referenceOf(part);
    if (name !== undefined && marked.has(name)) {
      // Further round, nothing is told apart either.
      if (open.includes(name) || ++followed > maxFollowed) found.add(at);
      else waiting.push({ schema: objectAt(definitions, name), at, open: [...open, name] });
    }
    for (const { pointer, schema: child } of children(part))
      if (!pointer.startsWith("/$defs/")) waiting.push({ schema: child, at: dataPointer(at, pointer), open });
  }
  return [...found].toSorted();
}

interface Visit {
  readonly schema: JsonObject;
  readonly at: string;
  /** References being followed: a recursive contract is walked once around. */
  readonly open: readonly string[];
}

/** Definitions that have something sensitive in them, or lead to one that has. */
function markedIn(definitions: JsonObject): ReadonlySet<string> {
  const referring = new Map<string, string[]>();
  const marked = new Set<string>();
  for (const [name, schema] of Object.entries(definitions)) {
    for (const target of new Set(targetsOf(schema))) {
      const others = referring.get(target) ?? [];
      others.push(name);
      referring.set(target, others);
    }
    const places = isObject(schema) ? descend(schema) : [];
    if (places.some((place) => place.schema["x-sensitive"] !== undefined)) marked.add(name);
  }
  for (const name of marked) for (const other of referring.get(name) ?? []) marked.add(other);
  return marked;
}

const below =
  /^\/(?:items|contains|unevaluatedItems|additionalProperties|unevaluatedProperties|patternProperties\/.*)$/s;

function dataPointer(at: string, pointer: string): string {
  if (pointer.startsWith("/properties/")) return at + pointer.slice("/properties".length);
  if (pointer.startsWith("/prefixItems/")) return at + pointer.slice("/prefixItems".length);
  return below.test(pointer) ? `${at}/*` : at;
}
