import { canonicalJson, isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { referenceOf } from "../normalise/definitions.ts";
import { listOf, mergeFlat } from "./merge.ts";

export type Kind = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

/** One way to satisfy a schema: a value it lists, or a kind of value with what is asked of it. */
export type Alternative =
  | { readonly kind: "value"; readonly value: Json }
  | { readonly kind: Kind; readonly flat: JsonObject };

/** Every way to satisfy a schema, as far as can be told without trying. */
export interface Alternatives {
  readonly list: readonly Alternative[];
  /** Whether a value has to be tried, because the schema says what must not be. */
  readonly isDelicate: boolean;
}

interface Expanded {
  readonly flats: readonly JsonObject[];
  readonly isDelicate: boolean;
}

/** Unions in unions multiply; what is beyond is not looked at. */
const maxFlats = 200;
const maxDepth = 64;

const annotations =
  /^(?:x-.*|\$schema|\$id|\$comment|\$defs|title|description|examples|default|deprecated|discriminator)$/;
const structure = /^(?:\$ref|allOf|anyOf|oneOf|if|then|else)$/;

/**
 * Finds the alternatives of the schemas of one bundle. Schemas that read the same get the very same answer, so that
 * who walks a contract that contains itself can see that it has been there.
 */
export function createAlternatives(definitions: JsonObject): (schema: JsonObject) => Alternatives {
  const known = new WeakMap<JsonObject, Alternatives>();
  const byText = new Map<string, Alternatives>();
  return (schema) => {
    const found = known.get(schema);
    if (found !== undefined) return found;
    const text = canonicalJson(schema);
    const alternatives = byText.get(text) ?? alternativesOf(schema, definitions);
    byText.set(text, alternatives);
    known.set(schema, alternatives);
    return alternatives;
  };
}

function alternativesOf(schema: JsonObject, definitions: JsonObject): Alternatives {
  const { flats, isDelicate } = expand(schema, { definitions, depth: 0 });
  return { list: flats.flatMap(kindsOf), isDelicate };
}

interface Context {
  readonly definitions: JsonObject;
  readonly depth: number;
}

/** Follows references, puts parts together and takes unions apart. */
function expand(schema: JsonObject, { definitions, depth }: Context): Expanded {
  if (depth > maxDepth) return { flats: [], isDelicate: false };
  const inside = (part: Json): Expanded =>
    isObject(part) ? expand(part, { definitions, depth: depth + 1 }) : { flats: [], isDelicate: false };
  const groups = groupsOf(schema, definitions).map((parts) => parts.map(inside));
  const flats = groups.reduce<readonly JsonObject[]>(
    (all, group) =>
      product(
        all,
        group.flatMap((part) => part.flats),
      ),
    [ownOf(schema)],
  );
  const isDelicate =
    needsTrying(schema) ||
    groups.some((group) => group.some((part) => part.isDelicate)) ||
    overlaps(schema, inside);
  return { flats, isDelicate };
}

/** Lists of schemas of each of which a value must follow one. */
function groupsOf(schema: JsonObject, definitions: JsonObject): readonly (readonly Json[])[] {
  const { allOf = [], anyOf, oneOf, if: condition, then = {}, else: otherwise = {} } = schema;
  const name = referenceOf(schema);
  const target = name === undefined ? undefined : definitions[name];
  return [
    ...(name === undefined ? [] : [target === undefined ? [] : [target]]),
    ...listOf(allOf).map((part) => [part]),
    ...[anyOf, oneOf].flatMap((union) => (union === undefined ? [] : [listOf(union)])),
    ...(condition === undefined ? [] : [[{ allOf: [condition, then] }, otherwise]]),
  ];
}

function product(left: readonly JsonObject[], right: readonly JsonObject[]): readonly JsonObject[] {
  const merged: JsonObject[] = [];
  for (const one of left)
    for (const other of right) {
      const both = mergeFlat(one, other);
      if (both !== undefined) merged.push(both);
      if (merged.length >= maxFlats) return merged;
    }
  return merged;
}

function ownOf(schema: JsonObject): JsonObject {
  const { const: only, ...own } = Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => !annotations.test(keyword) && !structure.test(keyword)),
  );
  const constant = only === undefined ? undefined : { enum: [only] };
  return constant === undefined ? own : (mergeFlat(own, constant) ?? { enum: [] });
}

function needsTrying(schema: JsonObject): boolean {
  return ["not", "if", "dependentSchemas", "contains", "unevaluatedProperties", "unevaluatedItems"].some(
    (keyword) => schema[keyword] !== undefined,
  );
}

/** Whether a value could follow two branches of a `oneOf`: neither their kinds nor a constant member tells. */
function overlaps(schema: JsonObject, inside: (part: Json) => Expanded): boolean {
  if (schema["oneOf"] === undefined) return false;
  const branches = listOf(schema["oneOf"]).map((branch) => inside(branch).flats);
  return branches.some((flats, index) =>
    branches.slice(index + 1).some((others) => flats.some((a) => others.some((b) => !areApart(a, b)))),
  );
}

function areApart(left: JsonObject, right: JsonObject): boolean {
  if (mergeFlat(pick(left), pick(right)) === undefined) return true;
  const [a, b] = [objectAt(left, "properties"), objectAt(right, "properties")];
  return listOf(left["required"] ?? []).some((name) => {
    const [one, other] = [objectAt(a, String(name)), objectAt(b, String(name))];
    const isRequired = listOf(right["required"] ?? []).includes(name);
    return isRequired && mergeFlat(pick(ownOf(one)), pick(ownOf(other))) === undefined;
  });
}

function pick(schema: JsonObject): JsonObject {
  const { type, enum: values } = schema;
  return { ...(type === undefined ? {} : { type }), ...(values === undefined ? {} : { enum: values }) };
}

const kinds: readonly Kind[] = ["object", "array", "string", "number", "boolean", "null"];

function kindsOf(flat: JsonObject): readonly Alternative[] {
  const { type, enum: values } = flat;
  const types = type === undefined ? undefined : listOf(type);
  if (values !== undefined)
    return listOf(values)
      .filter((value) => types === undefined || types.some((one) => isOfType(value, one)))
      .map((value) => ({ kind: "value", value }));
  const given = types ?? guessed(flat);
  return given.map((kind) => ({ kind: kind as Kind, flat }));
}

/** Without a type any kind will do; first comes the one the schema speaks of. */
function guessed(flat: JsonObject): readonly Kind[] {
  const hints: readonly [RegExp, Kind][] = [
    [
      /^(?:properties|required|additionalProperties|patternProperties|propertyNames|m..Properties|dependent.*)$/,
      "object",
    ],
    [/^(?:items|prefixItems|contains|m..Items|uniqueItems)$/, "array"],
    [/^(?:pattern|format|m..Length)$/, "string"],
    [/^(?:minimum|maximum|exclusive.*|multipleOf)$/, "number"],
  ];
  const spoken = hints.filter(([hint]) => Object.keys(flat).some((keyword) => hint.test(keyword)));
  const first = spoken.map(([, kind]) => kind);
  return [...first, ...kinds.filter((kind) => !first.includes(kind))];
}

export function kindOf(value: Json): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as "boolean" | "string" | "object";
}

function isOfType(value: Json, type: Json): boolean {
  const kind = kindOf(value);
  return kind === type || (kind === "integer" && type === "number");
}
