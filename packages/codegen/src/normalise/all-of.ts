import { isObject, objectAt, stringsIn, type Json, type JsonObject } from "../json.ts";
import { referenceOf, schemasOf } from "./definitions.ts";

const mergeable =
  /^(?:type|properties|required|minProperties|maxProperties|allOf|\$ref|\$defs|\$comment|title|description|deprecated|examples|default|readOnly|writeOnly|x-.*)$/;
const annotation = /^(?:\$comment|title|description|deprecated|examples|default|readOnly|writeOnly|x-.*)$/;

/**
 * An object described in parts (`allOf`, or a `$ref` with siblings) as one object that accepts exactly the same, or
 * `undefined` where that cannot be said without `allOf`. A member that several parts describe keeps an `allOf` of its
 * descriptions. The annotations of the whole win over those of its parts.
 */
export function mergeAllOf(schema: JsonObject, definitions: JsonObject): JsonObject | undefined {
  const parts = flatten(schema, definitions);
  if (parts === undefined) return undefined;
  const merged = parts.reduce<JsonObject | undefined>(
    (whole, part) => (whole === undefined ? undefined : mergeTwo(whole, part)),
    {},
  );
  const own = Object.entries(schema).filter(([keyword]) => annotation.test(keyword) || keyword === "$defs");
  return merged === undefined ? undefined : { ...merged, ...Object.fromEntries(own) };
}

/** A schema and its parts, each without parts; `undefined` where one of them says more than can be merged. */
function flatten(schema: JsonObject, definitions: JsonObject): readonly JsonObject[] | undefined {
  if (!Object.keys(schema).every((keyword) => mergeable.test(keyword))) return undefined;
  const { allOf, $ref: _reference, $defs: _definitions, ...own } = schema;
  const name = referenceOf(schema);
  const target = name === undefined ? [] : [objectAt(definitions, name)];
  const parts = [...target, ...schemasOf(allOf)].map((part) => flatten(part, definitions));
  return parts.some((part) => part === undefined) ? undefined : [...parts.flatMap((part) => part ?? []), own];
}

function mergeTwo(left: JsonObject, right: JsonObject): JsonObject | undefined {
  const type = mergeTypes(left["type"], right["type"]);
  if (type === null) return undefined;
  const properties = mergeProperties(objectAt(left, "properties"), objectAt(right, "properties"));
  const required = [...new Set([...stringsIn(left["required"]), ...stringsIn(right["required"])])];
  return {
    ...left,
    ...right,
    ...(type === undefined ? {} : { type }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    ...limit("minProperties", [left, right], Math.max),
    ...limit("maxProperties", [left, right], Math.min),
  };
}

function mergeProperties(left: JsonObject, right: JsonObject): JsonObject {
  const merged = new Map(Object.entries(left));
  for (const [name, schema] of Object.entries(right)) {
    const known = merged.get(name);
    merged.set(name, known === undefined ? schema : bothOf(known, schema));
  }
  return Object.fromEntries(merged);
}

function bothOf(left: Json, right: Json): Json {
  if (isEmpty(right)) return left;
  return isEmpty(left) ? right : { allOf: [left, right] };
}

function isEmpty(schema: Json): boolean {
  return isObject(schema) && Object.keys(schema).every((keyword) => annotation.test(keyword));
}

/** The types both allow; `null` when there are none. */
function mergeTypes(left: Json | undefined, right: Json | undefined): Json | undefined | null {
  if (left === undefined || right === undefined) return left ?? right;
  const [a, b] = [[left].flat(), [right].flat()] as [Json[], Json[]];
  const narrowed = [...a.filter((type) => allows(b, type)), ...b.filter((type) => allows(a, type))];
  const both = [...new Set(narrowed)];
  if (both.length === 0) return null;
  return both.length === 1 ? both[0] : both;
}

function allows(types: readonly Json[], type: Json): boolean {
  return types.includes(type) || (type === "integer" && types.includes("number"));
}

function limit(
  keyword: string,
  schemas: readonly JsonObject[],
  choose: (...values: number[]) => number,
): JsonObject {
  const values = schemas.map((schema) => schema[keyword]).filter((value) => typeof value === "number");
  return values.length === 0 ? {} : { [keyword]: choose(...values) };
}
