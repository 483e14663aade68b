import type { Json, JsonObject } from "../json.ts";
import { isAnnotation, keywordsOf } from "./keywords.ts";
import { conjunctionKey, type Conjunction, type Source } from "./source.ts";

/** What the branches of a union are made of. */
type Branches = readonly (readonly (Source & { readonly schema: JsonObject })[])[];

/** A union of constants as the enum it is; nothing when it is not one. */
export function joinValues(branches: Branches, pointer: string): Conjunction | undefined {
  const lists = branches.map(([first, ...more]) =>
    first === undefined || more.length > 0 ? undefined : valuesOf(first.schema),
  );
  if (!lists.every((list) => list !== undefined)) return undefined;
  const schema = derived(branches, () => ({ enum: lists.flat() }));
  return [{ schema, pointer, isDerived: true }];
}

/**
 * A union of different types as one schema of several types: what each branch says concerns its own type alone, so
 * they can all be fulfilled at once. Nothing when branches share a type, or say more than that.
 */
export function joinTypes(branches: Branches, pointer: string): Conjunction | undefined {
  const types = branches.map(([first, ...more]) =>
    first === undefined || more.length > 0 ? undefined : ownTypes(first.schema),
  );
  if (!types.every((own) => own !== undefined)) return undefined;
  const all = types.flat().filter((type) => type !== "null");
  const isNumberTwice = all.includes("integer") && all.includes("number");
  if (isNumberTwice || new Set(all).size !== all.length) return undefined;
  const schema = derived(branches, () => ({ type: all }));
  const rest = branches
    .flat()
    .map((source): Source => ({ ...source, schema: derived([[source]], () => withoutType(source.schema)) }));
  return [{ schema, pointer, isDerived: true }, ...rest];
}

function valuesOf(schema: JsonObject): readonly Json[] | undefined {
  const said = Object.keys(schema).filter((keyword) => !isAnnotation(keyword) && keyword !== "type");
  if (said.length !== 1 || schema["x-open-enum"] !== undefined) return undefined;
  const { enum: values, const: value, type } = schema;
  const listed = value === undefined ? values : [value];
  if (!Array.isArray(listed)) return undefined;
  return type === undefined ? listed : listed.filter((each) => [type].flat().includes(typeName(each)));
}

function typeName(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/** The types of a schema that says nothing but what concerns them. */
function ownTypes(schema: JsonObject): readonly string[] | undefined {
  if (schema["type"] === undefined) return undefined;
  const types = [schema["type"]].flat().filter((type) => typeof type === "string");
  const own = new Set(["type", ...types.flatMap((type) => keywordsOf[type] ?? [])]);
  return Object.keys(schema).every((keyword) => own.has(keyword) || isAnnotation(keyword))
    ? types
    : undefined;
}

function withoutType(schema: JsonObject): JsonObject {
  const { type: _type, ...rest } = schema;
  return Object.fromEntries(Object.entries(rest).filter(([keyword]) => !isAnnotation(keyword)));
}

/** Derived schemas by what they come from, so that a schema met again gives the same object again. */
const cache = new WeakMap<JsonObject, Map<string, JsonObject>>();

function derived(branches: Branches, make: () => JsonObject): JsonObject {
  const sources = branches.flat();
  const [first] = sources;
  if (first === undefined) return make();
  const known = cache.get(first.schema) ?? new Map<string, JsonObject>();
  cache.set(first.schema, known);
  const key = `${branches.length}:${conjunctionKey(sources)}`;
  const schema = known.get(key) ?? make();
  known.set(key, schema);
  return schema;
}
