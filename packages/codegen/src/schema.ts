import { isObject, objectAt, pointerTo, type Json, type JsonObject } from "./json.ts";

/** What `$schema` says in every schema that is written here: 2020-12. */
export const dialect = "https://json-schema.org/draft/2020-12/schema";

/** A schema inside a schema, and where it stands. */
export interface Place {
  readonly pointer: string;
  readonly schema: JsonObject;
}

/** Keywords, also of older drafts, whose value is an object of schemas, a list of schemas, or a schema. */
const maps = ["properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"];
const lists = ["oneOf", "anyOf", "allOf", "prefixItems", "items"];
const singles = [
  "items",
  "additionalItems",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "contains",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
  "contentSchema",
];

/** The schemas directly inside a schema. */
export function children(schema: JsonObject): readonly Place[] {
  const places: Place[] = [];
  const add = (pointer: string, value: Json | undefined) => {
    if (isObject(value)) places.push({ pointer, schema: value });
  };
  for (const keyword of maps)
    for (const [name, value] of Object.entries(objectAt(schema, keyword)))
      add(pointerTo(`/${keyword}`, name), value);
  for (const keyword of lists) {
    const list = schema[keyword];
    if (Array.isArray(list)) list.forEach((value, index) => add(`/${keyword}/${index}`, value));
  }
  for (const keyword of singles) add(`/${keyword}`, schema[keyword]);
  return places;
}

/** A schema and all schemas inside it, outermost first. */
export function descend(schema: JsonObject, pointer = ""): readonly Place[] {
  const inner = children(schema).flatMap((child) => descend(child.schema, pointer + child.pointer));
  return [{ pointer, schema }, ...inner];
}

/** Rebuilds a schema from the inside out: `change` sees each schema with its children already changed. */
export function mapSchema(schema: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  return change(mapChildren(schema, (child) => (isObject(child) ? mapSchema(child, change) : child)));
}

/** Rebuilds a schema with each schema directly inside it changed; `change` also sees `true` and `false`. */
export function mapChildren(schema: JsonObject, change: (child: Json, pointer: string) => Json): JsonObject {
  const entries = Object.entries(schema).map(([keyword, value]): [string, Json] => {
    const at = pointerTo("", keyword);
    if (maps.includes(keyword) && isObject(value))
      return [keyword, mapValues(value, (inner, name) => change(inner, pointerTo(at, name)))];
    if (lists.includes(keyword) && Array.isArray(value))
      return [keyword, value.map((inner: Json, index) => change(inner, pointerTo(at, index)))];
    return [keyword, singles.includes(keyword) ? change(value, at) : value];
  });
  return Object.fromEntries(entries);
}

function mapValues(value: JsonObject, change: (value: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner, name)]));
}
