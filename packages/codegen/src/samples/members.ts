import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { joined } from "./merge.ts";
import { wordsOf } from "../pattern/words.ts";

interface Writer {
  value(schema: JsonObject, size: "any"): Json | undefined;
}

/** What is asked of a member of that name; `undefined` when there may be no such member. */
export function memberSchema(flat: JsonObject, name: string): JsonObject | undefined {
  const properties = objectAt(flat, "properties");
  const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
  const matching = Object.entries(objectAt(flat, "patternProperties")).flatMap(([pattern, schema]) =>
    wordsOf(pattern).has(name) ? [schema] : [],
  );
  const rest = own === undefined && matching.length === 0 ? (flat["additionalProperties"] ?? {}) : undefined;
  const schemas = [own, ...matching, rest].filter((schema) => schema !== undefined);
  if (schemas.includes(false)) return undefined;
  return joined(schemas.filter(isObject));
}

/** Names for members that the schema does not name, the likeliest first. */
export function namesFor(flat: JsonObject, writer: Writer): readonly string[] {
  const { propertyNames } = flat;
  const patterns = Object.keys(objectAt(flat, "patternProperties"));
  const patterned = patterns.flatMap((pattern) => [
    wordsOf(pattern).between(1, 20, "least"),
    ...wordsOf(pattern).edges,
  ]);
  const written = isObject(propertyNames)
    ? Array.from({ length: 24 }, () => writer.value({ allOf: [{ type: "string" }, propertyNames] }, "any"))
    : [];
  const plain = isObject(propertyNames) ? [] : Array.from({ length: 24 }, (_, index) => `extra_${index + 1}`);
  return [...new Set([...patterned, ...written, ...plain].filter((name) => typeof name === "string"))];
}
