import { escapeSegment, isObject, objectAt, type Json, type JsonObject } from "../json.ts";

/**
 * Puts separate JSON Schemas under one root that is the union of them, as a document that `importSchema` takes; each
 * keeps its own definitions, under its name.
 */
export function combineSchemas(schemas: Readonly<Record<string, JsonObject>>): JsonObject {
  const definitions = Object.entries(schemas).flatMap(([name, schema]): readonly [string, Json][] => {
    const { $defs: _definitions, $schema: _dialect, ...root } = schema;
    const inner = Object.entries(objectAt(schema, "$defs"));
    return [
      [name, redirect(root, name)],
      ...inner.map(([one, definition]): [string, Json] => [`${name}.${one}`, redirect(definition, name)]),
    ];
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    oneOf: Object.keys(schemas).map((name) => ({ $ref: pointerOf(name) })),
    $defs: Object.fromEntries(definitions),
  };
}

const prefix = "#/$defs/";

function redirect(value: Json, name: string): Json {
  if (Array.isArray(value)) return value.map((inner: Json) => redirect(inner, name));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => {
    if (key !== "$ref" || typeof inner !== "string") return [key, redirect(inner, name)];
    if (inner === "#") return [key, pointerOf(name)];
    return [key, inner.startsWith(prefix) ? pointerOf(`${name}.${inner.slice(prefix.length)}`) : inner];
  });
  return Object.fromEntries(entries);
}

function pointerOf(name: string): string {
  return prefix + encodeURIComponent(escapeSegment(name));
}
