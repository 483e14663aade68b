import { isObject, isScalar, type Json } from "../json.ts";
import { formats } from "../formats.ts";
import { dialect } from "../schema.ts";

/** What the value of a keyword must look like, in words and as a test. */
export interface KeywordRule {
  readonly expected: string;
  readonly accepts: (value: Json) => boolean;
}

const text: KeywordRule = { expected: "a non-empty string", accepts: (value) => isText(value) };
const flag: KeywordRule = { expected: "true or false", accepts: (value) => typeof value === "boolean" };
const number: KeywordRule = { expected: "a number", accepts: (value) => typeof value === "number" };
const count: KeywordRule = {
  expected: "an integer ≥ 0",
  accepts: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
};
const anything: KeywordRule = { expected: "any value", accepts: () => true };
const schema: KeywordRule = { expected: "a schema", accepts: isObject };
const schemas: KeywordRule = {
  expected: "an object of schemas",
  accepts: (value) => isObject(value) && Object.values(value).every(isObject),
};
const texts: KeywordRule = {
  expected: "a list of strings",
  accepts: (value) => Array.isArray(value) && value.every(isText),
};
const branches: KeywordRule = {
  expected: "a list of at least two schemas",
  accepts: (value) => Array.isArray(value) && value.length > 1 && value.every(isObject),
};
const scalars: KeywordRule = {
  expected: "a list of different strings, numbers, booleans or null",
  accepts: (value) =>
    Array.isArray(value) && value.length > 0 && new Set(value).size === value.length && value.every(isScalar),
};
const types = ["string", "integer", "number", "boolean", "object", "array", "null"];

/** The restricted profile of JSON Schema 2020-12 that contracts are written in. */
export const keywords: Readonly<Record<string, KeywordRule>> = {
  $schema: { expected: dialect, accepts: (value) => value === dialect },
  $id: text,
  $comment: text,
  $ref: text,
  $defs: schemas,
  title: text,
  description: text,
  examples: { expected: "a list", accepts: Array.isArray },
  default: anything,
  deprecated: flag,
  type: {
    expected: `one or more of ${types.join(", ")}`,
    accepts: (value) =>
      (Array.isArray(value) ? value : [value]).every((type) => types.includes(type as string)),
  },
  properties: schemas,
  required: texts,
  additionalProperties: {
    expected: "false or a schema",
    accepts: (value) => value === false || isObject(value),
  },
  minProperties: count,
  maxProperties: count,
  items: schema,
  minItems: count,
  maxItems: count,
  uniqueItems: flag,
  enum: scalars,
  const: { expected: "a string, number, boolean or null", accepts: isScalar },
  minLength: count,
  maxLength: count,
  pattern: text,
  format: oneOf(...Object.keys(formats)),
  minimum: number,
  maximum: number,
  exclusiveMinimum: number,
  exclusiveMaximum: number,
  multipleOf: { expected: "a number > 0", accepts: (value) => typeof value === "number" && value > 0 },
  oneOf: branches,
  anyOf: branches,
  discriminator: {
    expected: '{ "propertyName": … }',
    accepts: (value) =>
      isObject(value) && Object.keys(value).join() === "propertyName" && isText(value["propertyName"]),
  },
};

const anySchema: KeywordRule = {
  expected: "a schema",
  accepts: (value) => isObject(value) || typeof value === "boolean",
};
const anySchemas: KeywordRule = {
  expected: "an object of schemas",
  accepts: (value) => isObject(value) && Object.values(value).every(anySchema.accepts),
};
const anyBranches: KeywordRule = {
  expected: "a list of schemas",
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(anySchema.accepts),
};
const string: KeywordRule = { expected: "a string", accepts: (value) => typeof value === "string" };
const names: KeywordRule = {
  expected: "a list of strings",
  accepts: (value) => Array.isArray(value) && value.every((name: Json) => typeof name === "string"),
};

/**
 * Keywords of JSON Schema, 2020-12 and draft-07, where anybody's schemas are read: only their values have to be what
 * they should be. Keywords that are in neither table mean nothing.
 */
export const anyKeywords: Readonly<Record<string, KeywordRule>> = {
  ...keywords,
  ...Object.fromEntries(
    ["$schema", "$id", "$ref", "$anchor", "$comment", "title", "description", "pattern", "format"].map(
      (keyword) => [keyword, string],
    ),
  ),
  ...Object.fromEntries(
    ["not", "if", "then", "else", "contains", "propertyNames", "contentSchema", "unevaluatedItems"].map(
      (keyword) => [keyword, anySchema],
    ),
  ),
  ...Object.fromEntries(
    ["$defs", "definitions", "properties", "patternProperties", "dependentSchemas"].map((keyword) => [
      keyword,
      anySchemas,
    ]),
  ),
  examples: anything,
  additionalProperties: anySchema,
  unevaluatedProperties: anySchema,
  additionalItems: anySchema,
  items: {
    expected: "a schema or a list of schemas",
    accepts: (value) => anySchema.accepts(value) || (Array.isArray(value) && value.every(anySchema.accepts)),
  },
  prefixItems: anyBranches,
  allOf: anyBranches,
  anyOf: anyBranches,
  oneOf: anyBranches,
  required: names,
  dependentRequired: {
    expected: "an object of lists of strings",
    accepts: (value) => isObject(value) && Object.values(value).every(names.accepts),
  },
  dependencies: {
    expected: "an object of schemas and lists of strings",
    accepts: (value) =>
      isObject(value) && Object.values(value).every((one) => anySchema.accepts(one) || names.accepts(one)),
  },
  enum: {
    expected: "a list of values",
    accepts: (value) => Array.isArray(value) && value.length > 0,
  },
  const: anything,
  minContains: count,
  maxContains: count,
  discriminator: {
    expected: '{ "propertyName": … }',
    accepts: (value) => isObject(value) && isText(value["propertyName"]),
  },
};

/** Everything `x-` a contract may say about itself. */
export const annotations: Readonly<Record<string, KeywordRule>> = {
  "x-event": { expected: "an object", accepts: isObject },
  "x-lifecycle": oneOf("alpha", "beta", "stable", "deprecated", "archived"),
  "x-deprecation": objectOf("effective", "removal", "alternative", "documentation"),
  "x-feature-flag": texts,
  "x-sensitive": oneOf("pii", "secret", "financial", "health"),
  "x-redact": oneOf("drop", "mask", "hash"),
  "x-open-enum": { expected: "true", accepts: (value) => value === true },
  "x-open-union": { expected: "true", accepts: (value) => value === true },
  "x-since": text,
  "x-owner": text,
};

/** Members of `x-event`. */
export const eventMembers: Readonly<Record<string, KeywordRule>> = {
  version: {
    expected: "a version such as 1.2.0",
    accepts: (value) => isText(value) && /^[1-9]\d*\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/.test(value),
  },
  group: text,
  summary: text,
  trigger: text,
  payload: oneOf("full", "thin"),
};

function oneOf(...values: readonly string[]): KeywordRule {
  return { expected: `one of ${values.join(", ")}`, accepts: (value) => values.includes(value as string) };
}

function objectOf(...members: readonly string[]): KeywordRule {
  return {
    expected: `an object of strings with no members but ${members.join(", ")}`,
    accepts: (value) =>
      isObject(value) &&
      Object.entries(value).every(([name, inner]) => members.includes(name) && isText(inner)),
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
