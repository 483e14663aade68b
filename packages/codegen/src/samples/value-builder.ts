import { canonicalJson, isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import type { Alternative, Alternatives, Kind } from "./alternatives.ts";
import { memberSchema, namesFor } from "./members.ts";
import { joined, listOf } from "./merge.ts";
import { edgeNumbers, largeNumber, randomNumber } from "./numbers.ts";
import { roll, type Dice } from "../runtime/dice.ts";
import { shuffled } from "./shuffled.ts";
import { plainText, randomText } from "./texts.ts";

/** As little as possible, as much as is reasonable, or whatever the dice say. */
export type Size = "least" | "most" | "any";

/** What is known of the schemas of one contract. */
export interface SchemaFacts {
  readonly alternatives: (schema: JsonObject) => Alternatives;
  /** Whether a value follows the schema of a single place; asked only where building it cannot tell. */
  readonly holds: (schema: JsonObject, value: Json) => boolean;
}

export interface ValueOptions {
  readonly size: Size;
  readonly dice: Dice;
}

/** A value may have so many parts; what would come after is as small as it can be. */
const maxParts = 4_000;
/** So often a schema is tried before it counts as one that nothing follows. */
const maxTries = 40_000;
/** Deeper than any payload, and shallower than the stack. */
const maxDepth = 150;
/** So often the dice are thrown again where values have to be tried. */
const throwsOfDice = 12;

/** Builds a value that follows a schema; one builder for one value, for it counts how large that has become. */
export class ValueBuilder {
  readonly #facts: SchemaFacts;
  readonly #options: ValueOptions;
  readonly #open = new Set<JsonObject>();
  #parts = 0;
  #depth = 0;
  #tries = 0;

  constructor(facts: SchemaFacts, options: ValueOptions) {
    this.#facts = facts;
    this.#options = options;
  }

  /** A value for the schema; `undefined` when none is found. */
  value(schema: JsonObject, size: Size = this.#options.size): Json | undefined {
    if (++this.#tries > maxTries || this.#depth > maxDepth) return undefined;
    this.#depth++;
    const value = this.#anyOf(schema, size);
    this.#depth--;
    return value;
  }

  #anyOf(schema: JsonObject, size: Size): Json | undefined {
    const { list, isDelicate } = this.#facts.alternatives(schema);
    const wanted = ++this.#parts > maxParts ? "least" : size;
    for (const alternative of this.#ordered(list, wanted)) {
      const value = this.of(alternative, wanted);
      if (value === undefined) continue;
      if (!isDelicate || this.#facts.holds(schema, value)) return value;
      const other = this.#otherThan(alternative, schema);
      if (other !== undefined) return other;
    }
    return undefined;
  }

  /** A value of one alternative. */
  of(alternative: Alternative, size: Size = this.#options.size): Json | undefined {
    if (alternative.kind === "value") return alternative.value;
    const { kind, flat } = alternative;
    // A contract that contains itself is gone into once, and then as little as possible.
    const isAgain = this.#open.has(flat);
    if (isAgain && size === "least" && (kind === "object" || kind === "array")) return undefined;
    this.#open.add(flat);
    const value = this.#ofKind(kind, flat, isAgain ? "least" : size);
    if (!isAgain) this.#open.delete(flat);
    return value;
  }

  #otherThan(alternative: Alternative, schema: JsonObject): Json | undefined {
    if (alternative.kind === "value") return undefined;
    for (const size of [
      "least",
      "most",
      ...Array.from({ length: throwsOfDice }, () => "any" as const),
    ] as const) {
      const value = this.of(alternative, size);
      if (value !== undefined && this.#facts.holds(schema, value)) return value;
    }
    return undefined;
  }

  #ordered(list: readonly Alternative[], size: Size): readonly Alternative[] {
    if (size === "any") return shuffled(list, this.#options.dice);
    return size === "least"
      ? list.toSorted((a, b) => rankOf(a) - rankOf(b))
      : list.toSorted((a, b) => Number(isNothing(a)) - Number(isNothing(b)));
  }

  #ofKind(kind: Kind, flat: JsonObject, size: Size): Json | undefined {
    const { dice } = this.#options;
    const isInteger = kind === "integer";
    switch (kind) {
      case "null":
        return null;
      case "boolean":
        return size === "any" ? dice() < 0.5 : size === "most";
      case "integer":
      case "number":
        if (size === "any") return randomNumber(flat, isInteger, dice);
        return size === "least" ? edgeNumbers(flat, isInteger)[0] : largeNumber(flat, isInteger);
      case "string":
        return size === "any" ? randomText(flat, dice) : plainText(flat, size);
      case "array":
        return this.#array(flat, size);
      case "object":
        return this.#object(flat, size);
    }
  }

  #array(flat: JsonObject, size: Size): Json | undefined {
    const prefix = listOf(flat["prefixItems"] ?? []);
    const low = Math.max(Number(flat["minItems"] ?? 0), containedIn(flat));
    const high = Math.min(
      Number(flat["maxItems"] ?? Infinity),
      flat["items"] === false ? prefix.length : Infinity,
    );
    if (low > high) return undefined;
    const wish =
      size === "least" ? low : size === "most" ? Math.max(prefix.length, 2) : roll(this.#options.dice, 0, 3);
    const items = this.items(flat, { count: Math.min(high, Math.max(low, wish)), size });
    return items.length < low ? undefined : items;
  }

  /** As many items as can be found, up to a count; different ones where they have to be. */
  items(flat: JsonObject, { count, size }: { readonly count: number; readonly size: Size }): readonly Json[] {
    const isUnique = flat["uniqueItems"] === true;
    const items: Json[] = [];
    const seen = new Set<string>();
    while (items.length < count) {
      const schema = itemSchema(flat, items.length, count);
      const item = isUnique ? this.#unlike(seen, schema, size) : this.value(schema, size);
      if (item === undefined) return items;
      if (isUnique) seen.add(canonicalJson(item));
      items.push(item);
    }
    return items;
  }

  #unlike(seen: ReadonlySet<string>, schema: JsonObject, size: Size): Json | undefined {
    const isNew = (value: Json | undefined) => value !== undefined && !seen.has(canonicalJson(value));
    const first = this.value(schema, size);
    if (isNew(first)) return first;
    const { list } = this.#facts.alternatives(schema);
    for (const alternative of list) {
      const value = this.of(alternative, size);
      if (isNew(value)) return value;
    }
    for (let index = 0; index < 3 * throwsOfDice; index++) {
      const value = this.value(schema, "any");
      if (isNew(value)) return value;
    }
    return undefined;
  }

  #object(flat: JsonObject, size: Size): Json | undefined {
    const { dice } = this.#options;
    const low = Number(flat["minProperties"] ?? 0);
    const high = Number(flat["maxProperties"] ?? Infinity);
    const value = new Map<string, Json>();
    const isFull = () => value.size >= high;
    const required = withDependents(flat, listOf(flat["required"] ?? []).map(String));
    for (const name of required) {
      const member = this.#member(flat, name, size);
      if (member === undefined) return undefined;
      value.set(name, member);
    }
    const wants = () => size === "most" || value.size < low || (size === "any" && dice() < 0.5);
    for (const name of Object.keys(objectAt(flat, "properties"))) {
      const group = withDependents(flat, [name]).filter((one) => !value.has(one));
      if (group.length === 0 || value.size + group.length > high || !wants()) continue;
      const members = group.map((one) => [one, this.#member(flat, one, size)] as const);
      for (const [one, member] of members.every(isThere) ? members : [])
        if (member !== undefined) value.set(one, member);
    }
    const isMap = flat["patternProperties"] !== undefined || isObject(flat["additionalProperties"]);
    const others = size === "least" || !isMap ? low : value.size + (size === "most" ? 1 : roll(dice, 0, 2));
    for (const name of value.size < others ? namesFor(flat, this) : []) {
      if (value.size >= others || isFull()) break;
      const member = value.has(name) ? undefined : this.#member(flat, name, size);
      if (member !== undefined) value.set(name, member);
    }
    return value.size < low || value.size > high ? undefined : Object.fromEntries(value);
  }

  #member(flat: JsonObject, name: string, size: Size): Json | undefined {
    const schema = memberSchema(flat, name);
    return schema === undefined ? undefined : this.value(schema, size);
  }
}

/** The names, and those that have to come with them. */
export function withDependents(flat: JsonObject, names: readonly string[]): readonly string[] {
  const dependents = objectAt(flat, "dependentRequired");
  const found = new Set(names);
  for (const name of found) for (const other of listOf(dependents[name] ?? [])) found.add(String(other));
  return [...found];
}

/** The schema of the item at an index, of so many; the first ones are those that have to be contained. */
function itemSchema(flat: JsonObject, index: number, count: number): JsonObject {
  const schema = listOf(flat["prefixItems"] ?? [])[index] ?? flat["items"];
  const own = isObject(schema) ? schema : {};
  const { contains } = flat;
  return isObject(contains) && index >= count - containedIn(flat) ? joined([own, contains]) : own;
}

function containedIn(flat: JsonObject): number {
  return flat["contains"] === undefined ? 0 : Number(flat["minContains"] ?? 1);
}

const ranks = ["null", "value", "boolean", "integer", "number", "string", "array", "object"];

function rankOf({ kind }: Alternative): number {
  return ranks.indexOf(kind);
}

function isNothing(alternative: Alternative): boolean {
  return alternative.kind === "null" || (alternative.kind === "value" && alternative.value === null);
}

function isThere([, member]: readonly [string, Json | undefined]): boolean {
  return member !== undefined;
}
