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

/** What a schema refers to, as often as it does. */
export function targetsOf(schema: Json): readonly string[] {
  const found: string[] = [];
  const waiting: Json[] = [schema];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== "object" || value === null) continue;
    const name = isObject(value) ? referenceOf(value) : undefined;
    if (name !== undefined) found.push(name);
    for (const inner of Object.values(value) as readonly Json[]) waiting.push(inner);
  }
  return found;
}

/** The definitions that a schema needs, however far; sorted. */
export function reachableFrom(schema: JsonObject, definitions: JsonObject): readonly string[] {
  const found = new Set(targetsOf(schema));
  for (const name of found) for (const target of targetsOf(objectAt(definitions, name))) found.add(target);
  return [...found].filter((name) => Object.hasOwn(definitions, name)).toSorted();
}
