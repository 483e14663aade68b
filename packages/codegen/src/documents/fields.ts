import { isObject, objectAt, stringsIn, type Json, type JsonObject } from "../json.ts";
import { limitsOf } from "./limits.ts";
import { resolveSchema, type Resolved } from "./resolve-schema.ts";

/** One member of `data`, as documentation tells of it. */
export interface Field {
  /** Where it stands in `data`: `object.lines[].unit_price`; `*` stands for any key. */
  readonly path: string;
  /** Such as `string`, `array of objects` or `string or integer`. */
  readonly type: string;
  readonly isRequired: boolean;
  readonly isNullable: boolean;
  readonly isDeprecated: boolean;
  readonly description: string;
  /** Format and bounds in words. */
  readonly limits: readonly string[];
  /** A regular expression, or none. */
  readonly pattern: string | undefined;
  /** What `enum` or `const` names. */
  readonly values: readonly Json[];
  readonly isOpenEnum: boolean;
  readonly isOpenUnion: boolean;
  /** `pii`, `secret`, `financial` or `health`, where it is any of them. */
  readonly sensitive: string | undefined;
  readonly featureFlags: readonly string[];
  /** In a union: when the field is there, such as `kind is "card"`. */
  readonly condition: string | undefined;
  /** The members are those of this path, which has been shown before. */
  readonly sameAs: string | undefined;
}

interface Visit {
  readonly path: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
  readonly condition: string | undefined;
}

export interface Fields {
  readonly list: readonly Field[];
  /** False when the contract nests too deep, or has too many combinations, to list every member. */
  readonly isWhole: boolean;
}

/** References that lead round in unions and arrays would be followed for ever. */
const maxDepth = 24;
const maxSteps = 30_000;
/** How deep branches of branches are looked into. */
const maxParts = 4;

/** A contract is listed once, though its page, its Markdown and later versions all want it. */
const listed = new WeakMap<JsonObject, Fields>();

/** Every member of a bundled contract, outer ones first; the members of a definition are listed only once. */
export function fieldsOf(contract: JsonObject): Fields {
  const fields = listed.get(contract) ?? listFields(contract);
  listed.set(contract, fields);
  return fields;
}

function listFields(contract: JsonObject): Fields {
  const definitions = objectAt(contract, "$defs");
  const shown = new Map<string, string>();
  const list: Field[] = [];
  let steps = 0;
  let isWhole = true;
  const resolve: Resolve = (schema) => {
    steps++;
    return resolveSchema(schema, definitions);
  };

  const visit = ({ path, schema: given, isRequired, condition }: Visit, depth: number): void => {
    if (depth > maxDepth || steps > maxSteps) {
      isWhole = false;
      return;
    }
    const whole = resolve(given);
    const { inner, suffix } = throughItems(whole, resolve);
    const earlier = inner.definition === undefined ? undefined : shown.get(inner.definition);
    const nested = membersOf(inner.schema, resolve);
    const known = nested.length > 0 ? earlier : undefined;
    list.push({ ...describe(whole, resolve), path, isRequired, condition, sameAs: known });
    if (known !== undefined) return;
    if (inner.definition !== undefined && nested.length > 0) shown.set(inner.definition, path);
    for (const member of nested) visit({ ...member, path: `${path}${suffix}${member.path}` }, depth + 1);
  };

  for (const member of membersOf(resolve(contract).schema, resolve))
    visit({ ...member, path: member.path.slice(1) }, 0);
  return { list, isWhole };
}

type Resolve = (schema: JsonObject) => Resolved;

/** What an array holds, however deep, and how its path goes on. */
function throughItems(
  whole: Resolved,
  resolve: Resolve,
): { readonly inner: Resolved; readonly suffix: string } {
  let inner = whole;
  let suffix = "";
  for (let step = 0; step < 8 && isObject(inner.schema["items"]); step++) {
    inner = resolve(inner.schema["items"]);
    suffix += "[]";
  }
  return { inner, suffix };
}

/** The members an object may have: its own, those of any key, and those of each branch of a union. */
function membersOf(schema: JsonObject, resolve: Resolve, depth = 0): readonly Visit[] {
  const required = new Set(stringsIn(schema["required"]));
  const own = Object.entries(objectAt(schema, "properties")).map(([name, member]): Visit => ({
    path: `.${name}`,
    schema: isObject(member) ? member : {},
    isRequired: required.has(name),
    condition: undefined,
  }));
  const anyKey = schema["additionalProperties"];
  const map: readonly Visit[] = isObject(anyKey)
    ? [{ path: ".*", schema: anyKey, isRequired: false, condition: undefined }]
    : [];
  return [...own, ...map, ...(depth > maxParts ? [] : branchMembers(schema, resolve, depth))];
}

function branchMembers(schema: JsonObject, resolve: Resolve, depth: number): readonly Visit[] {
  const tag = objectAt(schema, "discriminator")["propertyName"];
  const branches = branchesOf(schema).map((branch) => resolve(branch).schema);
  const members = branches.flatMap((branch, index) => {
    const values = typeof tag === "string" ? tagsOf(branch, tag) : [];
    const condition =
      values.length === 0
        ? `in variant ${index + 1}`
        : `${String(tag)} is ${values.map((value) => JSON.stringify(value)).join(" or ")}`;
    return membersOf(branch, resolve, depth + 1)
      .filter(({ path }) => path !== `.${String(tag)}`)
      .map((member) => ({ ...member, condition: join([condition, member.condition], ", ") }));
  });
  const shared = [
    ...Map.groupBy(members, ({ path, schema }) => `${path} ${JSON.stringify(schema)}`).values(),
  ];
  const merged = shared.flatMap(([first, ...others]): readonly Visit[] => {
    if (first === undefined) return [];
    const isEverywhere = others.length + 1 === branches.length;
    const conditions = [first, ...others].map(({ condition }) => condition);
    return [{ ...first, condition: isEverywhere ? undefined : join(conditions, " or ") }];
  });
  return typeof tag === "string" ? [tagMember(tag, branches), ...merged] : merged;
}

/** The member that tells the branches apart, once for all of them. */
function tagMember(tag: string, branches: readonly JsonObject[]): Visit {
  const description = "Tells which of the variants it is.";
  const schema = { description, enum: branches.flatMap((branch) => tagsOf(branch, tag)) };
  return { path: `.${tag}`, schema, isRequired: true, condition: undefined };
}

function tagsOf(branch: JsonObject, tag: string): readonly Json[] {
  const member = objectAt(objectAt(branch, "properties"), tag);
  if (Array.isArray(member["enum"])) return member["enum"];
  return member["const"] === undefined ? [] : [member["const"]];
}

function join(texts: readonly (string | undefined)[], separator: string): string {
  return texts.filter((text) => text !== undefined).join(separator);
}

function branchesOf(schema: JsonObject): readonly JsonObject[] {
  return [schema["oneOf"], schema["anyOf"]].flatMap((list) =>
    Array.isArray(list) ? list.filter(isObject) : [],
  );
}

type Described = Omit<Field, "path" | "isRequired" | "condition" | "sameAs">;

function describe({ schema, isNullable }: Resolved, resolve: Resolve): Described {
  const flags = schema["x-feature-flag"];
  const kind = schema["x-sensitive"];
  return {
    type: typeOf(schema, resolve),
    isNullable,
    isDeprecated: schema["deprecated"] === true,
    description: typeof schema["description"] === "string" ? schema["description"] : "",
    limits: limitsOf(schema),
    pattern: typeof schema["pattern"] === "string" ? schema["pattern"] : undefined,
    values: Array.isArray(schema["enum"]) ? schema["enum"] : [schema["const"] ?? []].flat(),
    isOpenEnum: schema["x-open-enum"] === true,
    isOpenUnion: schema["x-open-union"] === true,
    sensitive: typeof kind === "string" ? kind : undefined,
    featureFlags: stringsIn(flags),
  };
}

function typeOf(schema: JsonObject, resolve: Resolve, depth = 0): string {
  if (depth > maxParts) return "any";
  const types = [schema["type"] ?? []].flat().filter((type) => type !== "null");
  if (isObject(schema["items"]))
    return `array of ${typeOf(resolve(schema["items"]).schema, resolve, depth + 1)}`;
  if (types.length > 0) return types.join(" or ");
  const branches = branchesOf(schema).map((branch) => typeOf(resolve(branch).schema, resolve, depth + 1));
  if (branches.length > 0) return [...new Set(branches)].join(" or ");
  if (schema["properties"] !== undefined) return "object";
  const values = Array.isArray(schema["enum"]) ? schema["enum"] : [schema["const"] ?? []].flat();
  return (
    [...new Set(values.filter((value) => value !== null).map((value) => typeof value))].join(" or ") || "any"
  );
}
