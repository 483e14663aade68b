/** How each keyword of JSON Schema takes part in a comparison. */

const annotations = new Set([
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "examples",
  "default",
  "deprecated",
  "readOnly",
  "writeOnly",
  "contentEncoding",
  "contentMediaType",
  "contentSchema",
]);

/** Says something to people or programs beside the validator. */
export function isAnnotation(keyword: string): boolean {
  return keyword.startsWith("x-") || annotations.has(keyword);
}

/** Keywords that mean something only together, under the name of the first. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  not: ["not"],
  if: ["if", "then", "else"],
  contains: ["contains", "minContains", "maxContains"],
  propertyNames: ["propertyNames"],
  dependentRequired: ["dependentRequired"],
  dependentSchemas: ["dependentSchemas"],
  unevaluatedProperties: ["unevaluatedProperties"],
  unevaluatedItems: ["unevaluatedItems"],
};

/** Keywords that are taken apart; every one else is unknown, and then a difference in it is never harmless. */
const structural = new Set([
  "$ref",
  "$defs",
  "type",
  "enum",
  "const",
  "allOf",
  "anyOf",
  "oneOf",
  "discriminator",
  "properties",
  "patternProperties",
  "additionalProperties",
  "required",
  "minProperties",
  "maxProperties",
  "prefixItems",
  "items",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minLength",
  "maxLength",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
]);

/** The keywords of a schema that are compared only as a whole, by the name of their group. */
export function opaqueGroups(keywords: readonly string[]): readonly string[] {
  const rest = keywords.filter((keyword) => !structural.has(keyword) && !isAnnotation(keyword));
  return [...new Set(rest.map(groupOf))];
}

function groupOf(keyword: string): string {
  return Object.keys(groups).find((name) => groups[name]?.includes(keyword)) ?? keyword;
}

/** Keywords that speak of one type only, so that beside another type they say nothing. */
export const keywordsOf: Readonly<Record<string, readonly string[]>> = {
  string: ["minLength", "maxLength", "pattern", "format"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  array: ["prefixItems", "items", "minItems", "maxItems", "uniqueItems"],
  object: [
    "properties",
    "patternProperties",
    "additionalProperties",
    "required",
    "minProperties",
    "maxProperties",
  ],
  boolean: [],
  null: [],
};
