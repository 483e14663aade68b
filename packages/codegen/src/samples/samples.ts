import { compile } from "../compile.ts";
import { canonicalJson, objectAt, type Json, type JsonObject } from "../json.ts";
import { once } from "../once.ts";
import { createAlternatives } from "./alternatives.ts";
import { edgePayloads } from "./boundary.ts";
import { ValueBuilder, type Size, type SchemaFacts } from "./value-builder.ts";
import type { Check } from "../runtime/row.ts";
import { mutantsOf, type Checks, type Mutant } from "./mutants.ts";
import { createDice } from "../runtime/dice.ts";

/** Payloads made from a contract. Each one passes its closed validator, but for the mutants. */
export interface Samples {
  /** Only what is required, each value as small as it may be; `undefined` when no payload was found. */
  minimal(): Json | undefined;
  /** Every member, lists of two, long texts; a contract that contains itself is gone into once. */
  maximal(): Json | undefined;
  /** The same payload for the same seed. */
  random(seed: number): Json | undefined;
  /**
   * Payloads in which one place at a time is at an edge: members there or not, every value of an enum, every branch
   * of a union, null, lengths and numbers at their limits and just inside. At most `most` (1,000), always the same.
   */
  boundary(most?: number): readonly Json[];
  /** Payloads with one fault each: the only ones here that do not pass. At most `most` (2,000), always the same. */
  mutants(most?: number): readonly Mutant[];
}

/** So many payloads are tried for each that is wanted. */
const triesEach = 3;
const maxThrows = 20;

/**
 * Makes payloads of a bundled contract. Nothing is made before it is asked for. Who has compiled the contract, maybe
 * together with others, gives its `checks`.
 */
export function createSamples(schema: JsonObject, checks: Checks = checksOf(schema)): Samples {
  const facts = factsOf(schema, checks);
  const { $defs: _definitions, ...root } = schema;
  const passes = (value: Json | undefined): value is Json => value !== undefined && facts.holds(root, value);
  const built = (size: Size, seed: number) =>
    new ValueBuilder(facts, { size, dice: createDice(seed) }).value(root);
  const random = (seed: number) => {
    for (let index = 0; index < maxThrows; index++) {
      const value = built("any", seed + index * 0x1_0001);
      if (passes(value)) return value;
    }
    return undefined;
  };
  const first = (values: Iterable<Json | undefined>) => {
    for (const value of values) if (passes(value)) return value;
    return undefined;
  };
  const minimal = once(() => first([built("least", 0)]) ?? random(0) ?? first([built("most", 0)]));
  return {
    minimal,
    maximal: once(() => first([built("most", 0)]) ?? random(1) ?? minimal()),
    random: (seed) => random(seed) ?? minimal(),
    mutants: (most = 2_000) => (minimal() === undefined ? [] : mutantsOf(schema, { facts, checks, most })),
    boundary: (most = 1_000) => {
      const found = new Map<string, Json>();
      let tried = 0;
      const add = (value: Json | undefined) => {
        if (passes(value)) found.set(JSON.stringify(value), value);
      };
      for (const size of ["least", "most"] as const) add(built(size, 0));
      for (const value of edgePayloads(root, facts)) {
        if (found.size >= most || ++tried > triesEach * most) break;
        add(value);
      }
      return [...found.values()];
    },
  };
}

/** Compiles only what is asked for. */
function checksOf(schema: JsonObject): Checks {
  return {
    get closed() {
      return compile(schema, "closed").check;
    },
    get open() {
      return compile(schema, "open").check;
    },
  };
}

function factsOf(schema: JsonObject, checks: Checks): SchemaFacts {
  const definitions = objectAt(schema, "$defs");
  const { $defs: _definitions, ...root } = schema;
  const rootText = canonicalJson(root);
  const byText = new Map<string, Check>();
  const known = new WeakMap<JsonObject, Check>();
  const checkOf = (place: JsonObject): Check => {
    const text = canonicalJson(place);
    const check =
      text === rootText
        ? checks.closed
        : (byText.get(text) ?? compile({ ...place, $defs: definitions }, "closed").check);
    byText.set(text, check);
    known.set(place, check);
    return check;
  };
  return {
    alternatives: createAlternatives(definitions),
    holds: (place, value) => (known.get(place) ?? checkOf(place))(value),
  };
}
