import type { Json, JsonObject } from "@hooks/codegen";

/**
 * The names that a bundled schema has for members of one object, which a JSON Pointer into the data leads to: through
 * references, and whichever branch they stand in.
 */
export function knownMembers(schema: JsonObject, pointer: string): readonly string[] {
  let places = withParts([schema], schema);
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    places = withParts(
      places.flatMap((place) => inside(place, name)),
      schema,
    );
  }
  return [
    ...new Set(places.flatMap(({ properties }) => Object.keys(isObject(properties) ? properties : {}))),
  ];
}

function inside(
  { properties, items, prefixItems, additionalProperties }: JsonObject,
  name: string,
): readonly JsonObject[] {
  if (isObject(properties) && Object.hasOwn(properties, name)) return [properties[name]].filter(isObject);
  if (!/^\d+$/.test(name)) return [additionalProperties].filter(isObject);
  const item = Array.isArray(prefixItems) ? (prefixItems as readonly Json[])[Number(name)] : undefined;
  return [item ?? items ?? additionalProperties].filter(isObject);
}

/** The schemas, and all that hold of the same value as well. */
function withParts(schemas: readonly JsonObject[], root: JsonObject): readonly JsonObject[] {
  const found = new Set<JsonObject>();
  const waiting = [...schemas];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    const branches = ["allOf", "anyOf", "oneOf"].flatMap((keyword) => {
      const list = next?.[keyword];
      return Array.isArray(list) ? (list as readonly Json[]) : [];
    });
    waiting.push(
      ...[...branches, next["then"], next["else"], definition(next["$ref"], root)].filter(isObject),
    );
  }
  return [...found];
}

/** A bundled schema has its definitions in one place. */
function definition(reference: Json | undefined, { $defs: definitions }: JsonObject): Json | undefined {
  const name = typeof reference === "string" ? /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1] : undefined;
  return name !== undefined && isObject(definitions) && Object.hasOwn(definitions, name)
    ? definitions[name]
    : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
