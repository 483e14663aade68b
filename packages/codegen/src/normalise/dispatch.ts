import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { schemasOf } from "./definitions.ts";
import { typesOf, type InstanceType } from "./instance-types.ts";
import { findTag, type Tag } from "./tags.ts";

/** A schema as it was, by which its branches are told apart, and rewritten, with the same branches. */
interface Union {
  readonly given: JsonObject;
  readonly rewritten: JsonObject;
}

interface Branch {
  readonly given: JsonObject;
  readonly schema: Json;
}

interface Rules {
  readonly keyword: "anyOf" | "oneOf";
  readonly hint: string | undefined;
  /** Whether a value with an unknown tag is accepted. */
  readonly isOpen: boolean;
  readonly definitions: JsonObject;
}

/**
 * Arranges the unions of a schema so that a value is checked against the one branch it is meant for: by its type,
 * then by a member that tells branches apart. It accepts exactly what the union accepts.
 */
export function dispatch({ given, rewritten }: Union, definitions: JsonObject): JsonObject {
  const { discriminator: _hint, ...start } = rewritten;
  const property = objectAt(given, "discriminator")["propertyName"];
  return (["anyOf", "oneOf"] as const).reduce<JsonObject>((schema, keyword) => {
    const branches = rewritten[keyword];
    if (!Array.isArray(branches)) return schema;
    const rest = Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== branches));
    const pairs = schemasOf(given[keyword]).map((raw, index) => ({
      given: raw,
      schema: branches[index] ?? {},
    }));
    const rules: Rules = {
      keyword,
      hint: typeof property === "string" ? property : undefined,
      isOpen: given["x-open-union"] === true,
      definitions,
    };
    return combine(rest, byValue(pairs, rules) ?? byType(pairs, rules));
  }, start);
}

/** Adds an arranged union to what stands beside it. */
function combine(schema: JsonObject, arranged: JsonObject): JsonObject {
  const both = Object.keys(arranged).filter((keyword) => schema[keyword] !== undefined);
  const isSame = both.every(
    (keyword) => JSON.stringify(schema[keyword]) === JSON.stringify(arranged[keyword]),
  );
  if (isSame) return { ...schema, ...arranged };
  const parts = Array.isArray(schema["allOf"]) ? schema["allOf"] : [];
  return { ...schema, allOf: [...parts, arranged] };
}

/** Branches that are single values are an enumeration. */
function byValue(branches: readonly Branch[], { keyword }: Rules): JsonObject | undefined {
  const lists = branches.map(({ schema }) => (isObject(schema) ? listedBy(schema) : undefined));
  if (lists.length === 0 || !lists.every((list) => list !== undefined)) return undefined;
  const values = lists.flat();
  const distinct = [...new Set(values)];
  return distinct.length < values.length && keyword === "oneOf" ? undefined : { enum: distinct };
}

function listedBy({ const: only, enum: several, type, ...rest }: JsonObject): readonly Json[] | undefined {
  const values = only === undefined ? several : [only];
  if (!Array.isArray(values) || Object.keys(rest).length > 0 || (only !== undefined && several !== undefined))
    return undefined;
  const types = type === undefined ? undefined : [type].flat();
  const fits = (value: Json) =>
    types?.some((one) => one === typeof value || (one === "integer" && Number.isInteger(value))) ?? true;
  return values.every((value: Json) => typeof value !== "object" && fits(value)) ? values : undefined;
}

function byType(branches: readonly Branch[], rules: Rules): JsonObject {
  const groups = groupByType(branches, rules.definitions).filter(({ types }) => types.length > 0);
  if (groups.length === 0) return { not: {} };
  const [first, second] = groups;
  if (first !== undefined && second === undefined) return byTag(first.branches, first.types, rules);
  const nothing = groups.length === 2 ? groups.find(isJustNull) : undefined;
  const other = groups.find((group) => group !== nothing);
  if (nothing !== undefined && other !== undefined)
    return { if: { type: "null" }, else: byTag(other.branches, other.types, rules) };
  return {
    type: groups.flatMap(({ types }) => types),
    allOf: groups.map(({ types, branches }) => where({ type: types }, byTag(branches, types, rules))),
  };
}

function isJustNull({ branches }: TypeGroup): boolean {
  return branches.length === 1 && JSON.stringify(branches[0]?.schema) === '{"type":"null"}';
}

interface TypeGroup {
  readonly types: readonly InstanceType[];
  readonly branches: readonly Branch[];
}

/** Branches that share a type of value come into one group, so that a value's type names its group. */
function groupByType(branches: readonly Branch[], definitions: JsonObject): readonly TypeGroup[] {
  return branches.reduce<readonly TypeGroup[]>((groups, branch) => {
    const types = typesOf(branch.given, definitions);
    const touching = groups.filter((group) => group.types.some((type) => types.includes(type)));
    const joined: TypeGroup = {
      types: [...new Set([...types, ...touching.flatMap((group) => group.types)])],
      branches: [...touching.flatMap((group) => group.branches), branch],
    };
    return [...groups.filter((group) => !touching.includes(group)), joined];
  }, []);
}

function byTag(
  branches: readonly Branch[],
  types: readonly InstanceType[] | undefined,
  rules: Rules,
): JsonObject {
  const [only] = branches;
  const areObjects = types?.join() === "object";
  if (branches.length === 1 && only !== undefined && !(rules.isOpen && areObjects))
    return asJson(only.schema);
  const givens = branches.map(({ given }) => given);
  const tag = areObjects ? findTag(givens, rules.hint, rules.definitions) : undefined;
  if (tag === undefined) return { [rules.keyword]: branches.map(({ schema }) => schema) };
  const known = tag.isPlain && branches.length > 1 ? mapped(branches, tag) : chained(branches, tag);
  return rules.isOpen ? orUnknown(known, tag) : known;
}

/** ajv looks the tag up. */
function mapped(branches: readonly Branch[], { name }: Tag): JsonObject {
  return {
    type: "object",
    required: [name],
    discriminator: { propertyName: name },
    oneOf: branches.map(({ schema }) => schema),
  };
}

function chained(branches: readonly Branch[], { name, values }: Tag): JsonObject {
  return {
    ...objectWith(name, { enum: values.flat() }),
    allOf: branches.map(({ schema }, index) =>
      where(objectWith(name, { enum: values[index] ?? [] }), schema),
    ),
  };
}

function orUnknown(known: JsonObject, { name, values }: Tag): JsonObject {
  const unknown = objectWith(name, typesOfValues(values.flat()));
  return { ...where(objectWith(name, { enum: values.flat() }), known), else: unknown };
}

/** Only what meets the condition has to follow the schema. An object written with a `then` could be taken for a promise. */
function where(condition: JsonObject, schema: Json): JsonObject {
  const keywords = ["if", "then"] as const;
  return Object.fromEntries(keywords.map((keyword) => [keyword, keyword === "if" ? condition : schema]));
}

/** A tag that is new is at least of a type that tags have. */
function typesOfValues(values: readonly Json[]): JsonObject {
  return { type: [...new Set(values.map((value) => (value === null ? "null" : typeof value)))] };
}

function objectWith(name: string, member: JsonObject): JsonObject {
  return { type: "object", required: [name], properties: { [name]: member } };
}

function asJson(schema: Json): JsonObject {
  return isObject(schema) ? schema : {};
}
