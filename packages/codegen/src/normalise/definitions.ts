import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";

const prefix = "#/$defs/";

/** The name of the definition a schema refers to. */
export function referenceOf(schema: JsonObject): string | undefined {
  const reference = schema["$ref"];
  return typeof reference === "string" && reference.startsWith(prefix)
    ? reference.slice(prefix.length)
    : undefined;
}

/** What refers to a definition. */
export function referenceTo(name: string): string {
  return prefix + name;
}

/** What a schema refers to, as far as references go; itself when it refers to nothing. Siblings are left behind. */
export function dereference(schema: JsonObject, definitions: JsonObject): JsonObject {
  let found = schema;
  // The bundler has refused circles of references.
  for (let name = referenceOf(found); name !== undefined; name = referenceOf(found))
    found = objectAt(definitions, name);
  return found;
}

/** The schemas of a list such as `allOf`. */
export function schemasOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
