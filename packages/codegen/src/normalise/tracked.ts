import type { Json, JsonObject } from "../json.ts";
import { descend, mapSchema } from "../schema.ts";

/** Keywords that bring other schemas to bear on the same value; those of a group belong together. */
const groups = [
  ["$ref"],
  ["anyOf"],
  ["discriminator", "oneOf"],
  ["if", "then", "else"],
  ["dependentSchemas"],
] as const;

/** Members seen by pattern are forgotten likewise, and cost a fault when the next is conditional. */
const byPattern = ["properties", "patternProperties", "additionalProperties"] as const;

/**
 * Where a schema asks which members others have seen (`unevaluatedProperties`), each keyword that brings others to bear
 * gets a part of `allOf` of its own: side by side, ajv forgets what one has seen when the next is conditional.
 */
export function tracked(schema: JsonObject): JsonObject {
  const isAsked = descend(schema).some(
    ({ schema: { unevaluatedProperties, unevaluatedItems } }) =>
      unevaluatedProperties !== undefined || unevaluatedItems !== undefined,
  );
  return isAsked ? mapSchema(schema, apart) : schema;
}

function apart(schema: JsonObject): JsonObject {
  const all = schema["patternProperties"] === undefined ? groups : [byPattern, ...groups];
  const parts = all
    .map((group) => pick(schema, (keyword) => group.some((one) => one === keyword)))
    .filter((part) => Object.keys(part).length > 0);
  const allOf: readonly Json[] = Array.isArray(schema["allOf"]) ? schema["allOf"] : [];
  if (parts.length + allOf.length < 2 || parts.length === 0) return schema;
  const moved = new Set(parts.flatMap((part) => Object.keys(part)));
  return { ...pick(schema, (keyword) => !moved.has(keyword)), allOf: [...allOf, ...parts] };
}

function pick(schema: JsonObject, takes: (keyword: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => takes(keyword)));
}
