import { pointerTo, type JsonObject } from "../json.ts";
import { children, descend } from "../schema.ts";

/** Pointers into `data` (with `*` for any index or key) of everything a bundled contract marks `x-sensitive`. */
export function sensitivePointers(schema: JsonObject): readonly string[] {
  const found = new Set<string>();
  collect({ schema, at: "", open: [] });

  function collect({ schema: part, at, open }: Visit): void {
    if (part["x-sensitive"] !== undefined) found.add(at);
    const reference = part["$ref"];
    if (typeof reference === "string") {
      const target = definition(schema, reference);
      // Further round, nothing is told apart: if there is anything sensitive, all of it is.
      if (open.includes(reference)) {
        if (marks(reference, schema)) found.add(at);
      } else if (target !== undefined) collect({ schema: target, at, open: [...open, reference] });
    }
    for (const { pointer, schema: child } of children(part))
      if (!pointer.startsWith("/$defs/")) collect({ schema: child, at: dataPointer(at, pointer), open });
  }

  return [...found].toSorted();
}

interface Visit {
  readonly schema: JsonObject;
  readonly at: string;
  /** References being followed: a recursive contract is walked once around. */
  readonly open: readonly string[];
}

/** Whether a definition, or one it leads to, has something sensitive in it. */
function marks(reference: string, root: JsonObject, seen: Set<string> = new Set()): boolean {
  if (seen.has(reference)) return false;
  seen.add(reference);
  const places = descend(definition(root, reference) ?? {}).map((place) => place.schema);
  return places.some(
    (place) =>
      place["x-sensitive"] !== undefined ||
      (typeof place["$ref"] === "string" && marks(place["$ref"], root, seen)),
  );
}

function definition(root: JsonObject, reference: string): JsonObject | undefined {
  const name = reference.slice("#/$defs/".length);
  return children(root).find(({ pointer }) => pointer === pointerTo("/$defs", name))?.schema;
}

const below =
  /^\/(?:items|contains|unevaluatedItems|additionalProperties|unevaluatedProperties|patternProperties\/.*)$/s;

function dataPointer(at: string, pointer: string): string {
  if (pointer.startsWith("/properties/")) return at + pointer.slice("/properties".length);
  if (pointer.startsWith("/prefixItems/")) return at + pointer.slice("/prefixItems".length);
  return below.test(pointer) ? `${at}/*` : at;
}
