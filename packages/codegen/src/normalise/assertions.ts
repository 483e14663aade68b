import { type Json, type JsonObject } from "../json.ts";
import { formats } from "../formats.ts";

const asserting = new Set(
  [
    "$ref type enum const allOf anyOf oneOf discriminator not if then else",
    "properties patternProperties additionalProperties unevaluatedProperties propertyNames",
    "required dependentRequired dependentSchemas minProperties maxProperties",
    "items prefixItems unevaluatedItems contains minContains maxContains minItems maxItems uniqueItems",
    "minLength maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
  ].flatMap((line) => line.split(" ")),
);

/** What a schema asserts: without annotations, unknown keywords and formats, and keywords that do nothing alone. */
export function assertionsOf(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).filter(([keyword, value]) => asserts(keyword, value, schema)),
  );
}

function asserts(keyword: string, value: Json, schema: JsonObject): boolean {
  if (!asserting.has(keyword)) return false;
  if (keyword === "format") return typeof value === "string" && Object.hasOwn(formats, value);
  if (keyword === "then" || keyword === "else") return schema["if"] !== undefined;
  if (keyword === "if") return schema["then"] !== undefined || schema["else"] !== undefined;
  if (keyword === "minContains" || keyword === "maxContains") return schema["contains"] !== undefined;
  return keyword !== "uniqueItems" || value === true;
}
