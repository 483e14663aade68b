import { isObject, objectAt, pointerTo, type Json, type JsonObject } from "./json.ts";

/** A schema inside a schema, and where it stands. */
export interface Place {
  readonly pointer: string;
  readonly schema: JsonObject;
}

const maps = ["properties", "$defs"];
const lists = ["oneOf", "anyOf", "allOf"];
const singles = ["items", "additionalProperties"];

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
  const inside = (value: Json) => (isObject(value) ? mapSchema(value, change) : value);
  const entries = Object.entries(schema).map(([keyword, value]): [string, Json] => {
    if (maps.includes(keyword) && isObject(value)) return [keyword, mapValues(value, inside)];
    if (lists.includes(keyword) && Array.isArray(value)) return [keyword, value.map(inside)];
    return [keyword, singles.includes(keyword) ? inside(value) : value];
  });
  return change(Object.fromEntries(entries));
}

function mapValues(value: JsonObject, change: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner)]));
}
