import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { componentsOf, isCycle } from "../normalise/cycles.ts";
import { referenceOf, schemasOf, targetsOf } from "../normalise/definitions.ts";
import { validatorSchema, type Openness } from "../normalise/validator-schema.ts";
import { children, descend } from "../schema.ts";

/**
 * The definitions of a bundled schema that contain themselves in several ways at once, such as two branches of a union
 * that nothing tells apart, each with the same member of the union's own type: a validator tries every way at every
 * level, so the time it takes doubles with the depth of the data. Names of definitions of the bundle.
 */
export function ambiguousRecursions(schema: JsonObject): readonly string[] {
  if (recursiveGroups(objectAt(schema, "$defs")).length === 0) return [];
  const found = (["closed", "open"] as const).flatMap((openness) => ambiguousIn(schema, openness));
  return [...new Set(found)].toSorted();
}

/** Asked of what validators are made of: there a union that can be told apart has been. */
function ambiguousIn(schema: JsonObject, openness: Openness): readonly string[] {
  const definitions = objectAt(validatorSchema(schema, openness), "$defs");
  return recursiveGroups(definitions).flatMap((names) => {
    const group = new Group(names, definitions);
    // A definition has a variant for each context: `node`, `node.2`.
    return names.filter((name) => group.isAmbiguous(name)).map((name) => name.replace(/\..*$/s, ""));
  });
}

/** Definitions that lead back to themselves. */
function recursiveGroups(definitions: JsonObject): readonly (readonly string[])[] {
  const targets = new Map(Object.entries(definitions).map(([name, one]) => [name, targetsOf(one)]));
  const known = new Map([...targets].map(([name, all]) => [name, all.filter((one) => targets.has(one))]));
  return componentsOf(known).filter((group) => isCycle(group, known));
}

/** How often what is below a value is checked against something that leads back to where it started. */
interface Ways {
  readonly members: ReadonlyMap<string, number>;
  /** Of a member that has no entry of its own. */
  readonly others: number;
  readonly items: number;
}

const none: Ways = { members: new Map(), others: 0, items: 0 };
const inPlace = ["not", "if"] as const;
const below =
  /^\/(?:properties\/|patternProperties\/|additionalProperties$|unevaluatedProperties$|items$|prefixItems\/|contains$|unevaluatedItems$)/;

class Group {
  readonly #names: ReadonlySet<string>;
  readonly #definitions: JsonObject;
  readonly #known = new Map<string, Ways>();

  constructor(names: readonly string[], definitions: JsonObject) {
    this.#names = new Set(names);
    this.#definitions = definitions;
  }

  isAmbiguous(name: string): boolean {
    const schema = objectAt(this.#definitions, name);
    const inner = descend(schema).flatMap((place) =>
      children(place.schema).flatMap((child) =>
        below.test(child.pointer) && !isReference(child.schema) ? [child.schema] : [],
      ),
    );
    return [schema, ...inner].some((one) => {
      const { members, others, items } = this.#waysOf(one);
      return others > 1 || items > 1 || [...members.values()].some((count) => count > 1);
    });
  }

  #waysOf(schema: Json): Ways {
    if (!isObject(schema)) return none;
    const { then, else: otherwise, discriminator } = schema;
    const oneOf = schemasOf(schema["oneOf"]).map((branch) => this.#waysOf(branch));
    return [
      this.#ownOf(schema),
      this.#ofDefinition(referenceOf(schema)),
      ...schemasOf(schema["anyOf"]).map((branch) => this.#waysOf(branch)),
      ...(discriminator === undefined ? oneOf : [oneOf.reduce(either, none)]),
      ...apart(schemasOf(schema["allOf"])).map((parts) =>
        parts.map((part) => this.#waysOf(part)).reduce(either, none),
      ),
      ...inPlace.map((keyword) => this.#waysOf(schema[keyword] ?? false)),
      either(this.#waysOf(then ?? false), this.#waysOf(otherwise ?? false)),
      ...Object.values(objectAt(schema, "dependentSchemas")).map((part) => this.#waysOf(part)),
    ].reduce(together, none);
  }

  #ofDefinition(name: string | undefined): Ways {
    if (name === undefined || !this.#names.has(name)) return none;
    const ways = this.#known.get(name) ?? this.#waysOf(objectAt(this.#definitions, name));
    this.#known.set(name, ways);
    return ways;
  }

  #ownOf(schema: JsonObject): Ways {
    if (!children(schema).some((child) => below.test(child.pointer))) return none;
    const count = (...parts: readonly (Json | undefined)[]) =>
      Number(parts.some((part) => part !== undefined && this.#leadsBack(part)));
    const named = Object.entries(objectAt(schema, "properties"));
    const patterned = Object.values(objectAt(schema, "patternProperties"));
    return {
      members: new Map(named.map(([name, part]) => [name, count(part, ...patterned)])),
      others: count(...patterned, schema["additionalProperties"], schema["unevaluatedProperties"]),
      items:
        count(schema["items"], ...schemasOf(schema["prefixItems"]), schema["unevaluatedItems"]) +
        count(schema["contains"]),
    };
  }

  #leadsBack(schema: Json): boolean {
    return targetsOf(schema).some((name) => this.#names.has(name));
  }
}

/** What it refers to is looked at for itself. */
function isReference(schema: JsonObject): boolean {
  return schema["$ref"] !== undefined && Object.keys(schema).length === 1;
}

function together(left: Ways, right: Ways): Ways {
  return join(left, right, (a, b) => a + b);
}

function either(left: Ways, right: Ways): Ways {
  return join(left, right, Math.max);
}

function join(left: Ways, right: Ways, add: (a: number, b: number) => number): Ways {
  if (left === none) return right;
  if (right === none) return left;
  const names = new Set([...left.members.keys(), ...right.members.keys()]);
  const of = ({ members, others }: Ways, name: string) => members.get(name) ?? others;
  return {
    members: new Map([...names].map((name) => [name, add(of(left, name), of(right, name))])),
    others: add(left.others, right.others),
    items: add(left.items, right.items),
  };
}

/** Parts of an `allOf`, those together of which a value meets at most one: the branches of a union that was told apart. */
function apart(parts: readonly JsonObject[]): readonly (readonly JsonObject[])[] {
  const groups: JsonObject[][] = [];
  const byQuestion = new Map<string, { readonly seen: Set<Json>; readonly group: JsonObject[] }>();
  for (const part of parts) {
    const asked = part["else"] === undefined ? conditionOf(part["if"]) : undefined;
    const known = asked === undefined ? undefined : byQuestion.get(asked.question);
    const isFresh = asked?.values.every((value) => known?.seen.has(value) !== true) === true;
    const group = known !== undefined && isFresh ? known.group : [];
    if (group.length === 0) groups.push(group);
    group.push(part);
    if (asked === undefined || !isFresh) continue;
    byQuestion.set(asked.question, { seen: new Set([...(known?.seen ?? []), ...asked.values]), group });
  }
  return groups;
}

/** What a condition asks of a value, and the answers it is for. */
function conditionOf(
  condition: Json | undefined,
): { readonly question: string; readonly values: readonly Json[] } | undefined {
  if (!isObject(condition)) return undefined;
  const { type, properties } = condition;
  const [[name, member] = [], ...others] = Object.entries(isObject(properties) ? properties : {});
  if (name === undefined) return Array.isArray(type) ? { question: "type", values: type } : undefined;
  const values = isObject(member) ? member["enum"] : undefined;
  const isRequired = Array.isArray(condition["required"]) && condition["required"].includes(name);
  return others.length === 0 && isRequired && Array.isArray(values)
    ? { question: `member ${name}`, values }
    : undefined;
}
