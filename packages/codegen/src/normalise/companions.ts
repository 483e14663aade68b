import { isObject, objectAt, type JsonObject } from "../json.ts";
import { referenceOf, schemasOf } from "./definitions.ts";

/**
 * Other schemas that speak about the same value as one does. While there are any, it describes the value only in part,
 * so it cannot say which members are unknown. `"any"` when they are too many to follow.
 */
export type Companions = readonly JsonObject[] | "any";

const maxCompanions = 30;
const speaking = ["properties", "patternProperties", "additionalProperties", "unevaluatedProperties"];
const inPlace = ["allOf", "anyOf", "oneOf"];
const conditional = ["if", "then", "else"];
const structural = ["items", "prefixItems", "contains", "unevaluatedItems"];

/** The schemas a schema is made of about the very same value, without itself. */
export function partsOf(schema: JsonObject, definitions: JsonObject): readonly JsonObject[] {
  const name = referenceOf(schema);
  return [
    ...(name === undefined ? [] : [objectAt(definitions, name)]),
    ...inPlace.flatMap((keyword) => schemasOf(schema[keyword])),
    ...conditional.flatMap((keyword) => schemasOf([schema[keyword] ?? null])),
    ...Object.values(objectAt(schema, "dependentSchemas")).filter(isObject),
  ];
}

/** Whether a schema, or a part of it, says which members an object has. */
export function speaksOfMembers(schema: JsonObject, definitions: JsonObject): boolean {
  return (
    speaking.some((keyword) => schema[keyword] !== undefined) ||
    partsOf(schema, definitions).some((part) => speaksOfMembers(part, definitions))
  );
}

/** What companions say about a member or (`undefined`) about any item or unnamed member. */
export function companionsAt(
  companions: Companions,
  member: string | undefined,
  definitions: JsonObject,
): Companions {
  if (companions === "any") return companions;
  const found = companions.flatMap((companion) => mentions(companion, member, definitions));
  const relevant = found.filter((schema) => hasStructure(schema, definitions));
  return relevant.length > maxCompanions ? "any" : relevant;
}

function mentions(
  schema: JsonObject,
  member: string | undefined,
  definitions: JsonObject,
): readonly JsonObject[] {
  const inParts = partsOf(schema, definitions).flatMap((part) => mentions(part, member, definitions));
  const named = objectAt(schema, "properties");
  const own =
    member === undefined
      ? [...Object.values(named), ...structural.flatMap((keyword) => schema[keyword] ?? [])]
      : Object.hasOwn(named, member)
        ? [named[member] ?? null]
        : [];
  const others = [
    ...Object.values(objectAt(schema, "patternProperties")),
    ...["additionalProperties", "unevaluatedProperties"].flatMap((keyword) => schema[keyword] ?? []),
  ];
  return [...own, ...others].filter(isObject).concat(inParts);
}

function hasStructure(schema: JsonObject, definitions: JsonObject): boolean {
  return (
    [...speaking, ...structural].some((keyword) => schema[keyword] !== undefined) ||
    partsOf(schema, definitions).some((part) => hasStructure(part, definitions))
  );
}
