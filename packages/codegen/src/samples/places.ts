import { isObject, objectAt, pointerTo, type Json, type JsonObject } from "../json.ts";
import type { Alternatives } from "./alternatives.ts";
import { ValueBuilder, withDependents, type SchemaFacts } from "./value-builder.ts";
import { memberSchema, namesFor } from "./members.ts";
import { listOf } from "./merge.ts";
import { createDice } from "../runtime/dice.ts";

/** A place in a payload: its schema, and how a value for it becomes a whole payload, elsewhere as small as can be. */
export interface Place {
  /** JSON Pointer into the payload. */
  readonly pointer: string;
  readonly schema: JsonObject;
  readonly wrap: (value: Json) => Json;
  /** What the places around it may be. */
  readonly around: readonly Alternatives[];
}

const maxPlaces = 4_000;
/** So often a contract that contains itself is gone into. */
const maxRounds = 2;

/** The places of a contract's payloads, outermost first; those whose schema has come before come last. */
export function* placesOf(root: JsonObject, facts: SchemaFacts): Generator<Place> {
  const fresh: Place[] = [{ pointer: "", schema: root, wrap: (value) => value, around: [] }];
  const repeated: Place[] = [];
  const seen = new Set<unknown>();
  for (let count = 0; count < maxPlaces; count++) {
    const place = fresh.shift() ?? repeated.shift();
    if (place === undefined) return;
    const key = facts.alternatives(place.schema);
    if (place.around.filter((one) => one === key).length >= maxRounds) continue;
    if (seen.has(key) && fresh.length > 0) {
      repeated.push(place);
      continue;
    }
    seen.add(key);
    yield place;
    fresh.push(...below(place, facts));
  }
}

/** An object with one more member, as small as can be, and with what has to come with it; without it where there is none. */
export function withMember(host: JsonObject, flat: JsonObject, { name, facts }: Member): JsonObject {
  const entries = withDependents(flat, [name]).map((one) => {
    const schema = memberSchema(flat, one);
    return [one, schema === undefined ? undefined : least(facts).value(schema)] as const;
  });
  const found = entries.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined);
  return { ...Object.fromEntries(found), ...host };
}

interface Member {
  readonly name: string;
  readonly facts: SchemaFacts;
}

/** Builds values that are as small as can be. */
export function least(facts: SchemaFacts): ValueBuilder {
  return new ValueBuilder(facts, { size: "least", dice: createDice(1) });
}

function* below(outer: Place, facts: SchemaFacts): Generator<Place> {
  const alternatives = facts.alternatives(outer.schema);
  const place = { ...outer, around: [...outer.around, alternatives] };
  for (const { kind, ...rest } of alternatives.list) {
    if (!("flat" in rest)) continue;
    if (kind === "object") yield* members(place, rest.flat, facts);
    if (kind === "array") yield* items(place, rest.flat, facts);
  }
}

function* members(place: Place, flat: JsonObject, facts: SchemaFacts): Generator<Place> {
  const host = least(facts).of({ kind: "object", flat });
  if (!isObject(host)) return;
  const named = Object.keys(objectAt(flat, "properties"));
  const isMap = isObject(flat["additionalProperties"]) || flat["patternProperties"] !== undefined;
  const other = isMap ? namesFor(flat, least(facts)).filter((name) => !named.includes(name)) : [];
  const seen = new Set<JsonObject>();
  for (const name of [...named, ...other]) {
    const schema = memberSchema(flat, name);
    // Of members without a name, one for each schema.
    if (schema === undefined || (seen.has(schema) && !named.includes(name))) continue;
    seen.add(schema);
    const whole = Object.hasOwn(host, name) ? host : withMember(host, flat, { name, facts });
    const pointer = pointerTo(place.pointer, name);
    yield { ...place, pointer, schema, wrap: (value) => place.wrap({ ...whole, [name]: value }) };
  }
}

function* items(place: Place, flat: JsonObject, facts: SchemaFacts): Generator<Place> {
  const prefix = listOf(flat["prefixItems"] ?? []);
  const schemas = [...prefix, ...(isObject(flat["items"]) ? [flat["items"]] : [])].filter(isObject);
  const low = Number(flat["minItems"] ?? 0);
  for (const [index, schema] of schemas.entries()) {
    const list = least(facts).items(flat, { count: Math.max(low, index + 1), size: "least" });
    if (list.length <= index) continue;
    const pointer = pointerTo(place.pointer, index);
    yield { ...place, pointer, schema, wrap: (value) => place.wrap(list.with(index, value)) };
  }
}
