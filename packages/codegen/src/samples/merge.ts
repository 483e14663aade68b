import { canonicalJson, isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { compilePattern } from "../pattern/pattern.ts";

/**
 * Both schemas in one, where neither has references or unions: what a value must meet that meets both. `undefined`
 * when it is plain that no value can. Lists stand where a keyword cannot be merged: `pattern`, `format` and `not`.
 */
export function mergeFlat(left: JsonObject, right: JsonObject): JsonObject | undefined {
  const merged: Record<string, Json> = { ...left, ...right };
  for (const [keyword, merge] of Object.entries(merges)) {
    const [a, b] = [left[keyword], right[keyword]];
    if (a !== undefined && b !== undefined) merged[keyword] = merge(a, b);
  }
  const members = { left: membersOf(left, right), right: membersOf(right, left) };
  if (left["properties"] !== undefined || right["properties"] !== undefined)
    merged["properties"] = together(members.left, members.right);
  return isEmpty(merged["type"]) || isEmpty(merged["enum"]) ? undefined : merged;
}

type Merge = (left: Json, right: Json) => Json;

const both: Merge = (left, right) =>
  left === false || right === false ? false : joined([left, right].filter(isObject));
const least: Merge = (left, right) => Math.min(Number(left), Number(right));
const most: Merge = (left, right) => Math.max(Number(left), Number(right));
const union: Merge = (left, right) => [...new Set([...listOf(left), ...listOf(right)])];
const byName: Merge = (left, right) =>
  isObject(left) && isObject(right) ? together(left, right) : isObject(left) ? left : right;

const merges: Readonly<Record<string, Merge>> = {
  type: (left, right) => [
    ...new Set(listOf(left).flatMap((one) => listOf(right).flatMap((other) => commonType(one, other)))),
  ],
  enum: (left, right) => {
    const known = new Set(listOf(right).map(canonicalJson));
    return listOf(left).filter((value) => known.has(canonicalJson(value)));
  },
  required: union,
  pattern: union,
  format: union,
  not: (left, right) => [...listOf(left), ...listOf(right)],
  patternProperties: byName,
  dependentRequired: (left, right) => {
    const names = [left, right].flatMap((value) => (isObject(value) ? Object.keys(value) : []));
    return Object.fromEntries(names.map((name) => [name, [...itemsAt(left, name), ...itemsAt(right, name)]]));
  },
  dependentSchemas: byName,
  additionalProperties: both,
  propertyNames: both,
  items: both,
  prefixItems: (left, right) => {
    const [a, b] = [listOf(left), listOf(right)];
    return Array.from({ length: Math.max(a.length, b.length) }, (_, index) =>
      both(a[index] ?? {}, b[index] ?? {}),
    );
  },
  uniqueItems: (left, right) => left === true || right === true,
  minimum: most,
  exclusiveMinimum: most,
  minLength: most,
  minItems: most,
  minProperties: most,
  maximum: least,
  exclusiveMaximum: least,
  maxLength: least,
  maxItems: least,
  maxProperties: least,
  multipleOf: (left, right) => {
    const [small, large] = [Number(least(left, right)), Number(most(left, right))];
    return large % small === 0 ? large : large * small;
  },
};

/**
 * What a value must meet that meets all of these, each named once: a contract that contains itself in several parts
 * would otherwise be joined with itself into something twice as long at every level.
 */
export function joined(schemas: readonly JsonObject[]): JsonObject {
  const parts = new Map(schemas.flatMap(partsOf).map((part) => [identityOf(part), part]));
  const [first = {}, ...others] = [...parts.values()];
  return others.length === 0 ? first : { allOf: [first, ...others] };
}

function partsOf(schema: JsonObject): readonly JsonObject[] {
  const { allOf, ...rest } = schema;
  const isJoin = Array.isArray(allOf) && Object.keys(rest).length === 0;
  return isJoin ? allOf.filter(isObject).flatMap(partsOf) : [schema];
}

/** Parts are taken from the contract as they are, so the same part is the same object, or a reference to the same. */
function identityOf(schema: JsonObject): unknown {
  const { $ref: reference, ...rest } = schema;
  return typeof reference === "string" && Object.keys(rest).length === 0 ? reference : schema;
}

function commonType(left: Json, right: Json): readonly Json[] {
  if (left === right) return [left];
  const isBoth = [left, right].every((type) => type === "integer" || type === "number");
  return isBoth ? ["integer"] : [];
}

/** The named members of one part, as far as the other part lets them be. */
function membersOf(part: JsonObject, other: JsonObject): JsonObject {
  const rest = other["additionalProperties"];
  const patterns = Object.keys(objectAt(other, "patternProperties"));
  const entries = Object.entries(objectAt(part, "properties")).flatMap(([name, schema]): [string, Json][] => {
    if (rest === undefined || Object.hasOwn(objectAt(other, "properties"), name)) return [[name, schema]];
    if (patterns.some((pattern) => compilePattern(pattern).test(name))) return [[name, schema]];
    return rest === false ? [] : [[name, both(schema, rest)]];
  });
  return Object.fromEntries(entries);
}

function together(left: JsonObject, right: JsonObject): JsonObject {
  const shared = Object.keys(left).filter((name) => Object.hasOwn(right, name));
  const merged = shared.map((name): [string, Json] => [name, both(left[name] ?? {}, right[name] ?? {})]);
  return { ...left, ...right, ...Object.fromEntries(merged) };
}

function isEmpty(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

function itemsAt(value: Json, name: string): readonly Json[] {
  return isObject(value) ? listOf(value[name] ?? []) : [];
}

export function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}
