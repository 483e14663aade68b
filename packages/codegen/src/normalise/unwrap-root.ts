import { objectAt, type JsonObject } from "../json.ts";
import { reachableFrom, referenceOf } from "./definitions.ts";

const besideReference = /^(?:\$ref|\$comment|title|description|deprecated|examples|x-.*)$/;

/**
 * A root that is nothing but a reference becomes what it refers to, so that a contract says itself what it is. It brings
 * the definitions it needs.
 */
export function unwrapRoot(schema: JsonObject, definitions: JsonObject): JsonObject {
  let root = schema;
  for (let name = onlyReference(root); name !== undefined; name = onlyReference(root)) {
    const { $ref: _reference, ...annotations } = root;
    root = { ...objectAt(definitions, name), ...annotations };
  }
  const used = reachableFrom(root, definitions);
  if (used.length === 0) return root;
  return { ...root, $defs: Object.fromEntries(used.map((name) => [name, definitions[name] ?? {}])) };
}

function onlyReference(schema: JsonObject): string | undefined {
  const isAlone = Object.keys(schema).every((keyword) => besideReference.test(keyword));
  return isAlone ? referenceOf(schema) : undefined;
}
