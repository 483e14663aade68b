import { pointerTo, type JsonObject } from "../json.ts";
import { children } from "../schema.ts";

/** Pointers into `data` (with `*` for any index or key) of everything a bundled contract marks `x-sensitive`. */
export function sensitivePointers(schema: JsonObject): readonly string[] {
  const found = new Set<string>();
  collect({ schema, at: "", open: [] });

  function collect({ schema: part, at, open }: Visit): void {
    if (part["x-sensitive"] !== undefined) found.add(at);
    const reference = part["$ref"];
    if (typeof reference === "string" && !open.includes(reference)) {
      const target = definition(schema, reference);
      if (target !== undefined) collect({ schema: target, at, open: [...open, reference] });
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

function definition(root: JsonObject, reference: string): JsonObject | undefined {
  const name = reference.slice("#/$defs/".length);
  return children(root).find(({ pointer }) => pointer === pointerTo("/$defs", name))?.schema;
}

function dataPointer(at: string, pointer: string): string {
  if (pointer.startsWith("/properties/")) return at + pointer.slice("/properties".length);
  return pointer === "/items" || pointer === "/additionalProperties" ? `${at}/*` : at;
}
