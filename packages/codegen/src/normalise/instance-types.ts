import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { referenceOf, schemasOf } from "./definitions.ts";

export const allTypes = ["null", "boolean", "number", "string", "array", "object"] as const;

/** The kinds of JSON values that one can tell apart; an integer is a number. */
export type InstanceType = (typeof allTypes)[number];

/**
 * The kinds of values a schema may accept: all that it does not rule out by `type`, `const`, `enum` or a part of it. An
 * open enum rules out none: the values it will have may be of other kinds.
 */
export function typesOf(schema: JsonObject, definitions: JsonObject): readonly InstanceType[] {
  const inside = (part: JsonObject) => typesOf(part, definitions);
  const name = referenceOf(schema);
  const given = [
    ...(schema["type"] === undefined ? [] : [[schema["type"]].flat().map(typeNamed)]),
    ...(schema["const"] === undefined ? [] : [[typeOfValue(schema["const"])]]),
    ...(Array.isArray(schema["enum"]) && schema["x-open-enum"] !== true
      ? [schema["enum"].map(typeOfValue)]
      : []),
    ...(name === undefined ? [] : [inside(objectAt(definitions, name))]),
    ...schemasOf(schema["allOf"]).map(inside),
    ...["anyOf", "oneOf"]
      .map((keyword) => schemasOf(schema[keyword]))
      .filter((branches) => branches.length > 0)
      .map((branches) => branches.flatMap(inside)),
  ];
  return allTypes.filter((type) => given.every((types) => types.includes(type)));
}

function typeOfValue(value: Json): InstanceType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return isObject(value) ? "object" : (typeof value as InstanceType);
}

function typeNamed(type: Json): InstanceType {
  return type === "integer" ? "number" : (type as InstanceType);
}
