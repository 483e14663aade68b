import { escapeSegment, isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { referenceOf, referenceTo } from "../normalise/definitions.ts";
import { dialect } from "../schema.ts";

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
    $schema: dialect,
    oneOf: Object.keys(schemas).map((name) => ({ $ref: referenceIn(name) })),
    $defs: Object.fromEntries(definitions),
  };
}

function redirect(value: Json, name: string): Json {
  if (Array.isArray(value)) return value.map((inner: Json) => redirect(inner, name));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => {
    if (key !== "$ref" || typeof inner !== "string") return [key, redirect(inner, name)];
    if (inner === "#") return [key, referenceIn(name)];
    const definition = referenceOf(value);
    return [key, definition === undefined ? inner : referenceIn(`${name}.${definition}`)];
  });
  return Object.fromEntries(entries);
}

/** A name may be anything here, so it is written as a URI has it. */
function referenceIn(name: string): string {
  return referenceTo(encodeURIComponent(escapeSegment(name)));
}
