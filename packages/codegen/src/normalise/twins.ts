import { canonicalJson, isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { mapSchema } from "../schema.ts";
import { referenceOf, referenceTo } from "./definitions.ts";

/**
 * A schema in which variants of one definition (`money`, `money.2`) that turned out to say the same are one. All are
 * taken for the same until they differ, or differ in what they refer to: so recursive ones are found too.
 */
export function withoutTwins(schema: JsonObject): JsonObject {
  const { $defs: _definitions, ...root } = schema;
  const definitions = objectAt(schema, "$defs");
  const names = Object.keys(definitions).toSorted();
  let first = new Map(names.map((name) => [name, originOf(name)]));
  for (let count = 0; count !== new Set(first.values()).size;) {
    count = new Set(first.values()).size;
    first = refine(names, first, definitions);
  }
  const kept = names.filter((name) => first.get(name) === name);
  if (kept.length === 0) return root;
  const entries = kept.map((name): [string, Json] => [name, renamed(objectAt(definitions, name), first)]);
  return { ...renamed(root, first), $defs: Object.fromEntries(entries) };
}

/** Splits what was taken for the same by what it says. Each is called after the first of those it equals. */
function refine(
  names: readonly string[],
  first: ReadonlyMap<string, string>,
  definitions: JsonObject,
): Map<string, string> {
  const owners = new Map<string, string>();
  return new Map(
    names.map((name) => {
      const content = `${first.get(name)} ${canonicalJson(renamed(objectAt(definitions, name), first))}`;
      const owner = owners.get(content) ?? name;
      owners.set(content, owner);
      return [name, owner];
    }),
  );
}

function renamed(schema: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return mapSchema(schema, (inner) => {
    const name = isObject(inner) ? referenceOf(inner) : undefined;
    return name === undefined ? inner : { ...inner, $ref: referenceTo(names.get(name) ?? name) };
  });
}

function originOf(name: string): string {
  return name.split(".", 1)[0] ?? name;
}
