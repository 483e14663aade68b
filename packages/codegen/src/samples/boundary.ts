import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import type { Alternative } from "./alternatives.ts";
import { ValueBuilder, type SchemaFacts } from "./value-builder.ts";
import { namesFor } from "./members.ts";
import { edgeNumbers } from "./numbers.ts";
import { least, placesOf, withMember } from "./places.ts";
import { createDice } from "../runtime/dice.ts";
import { edgeTexts } from "./texts.ts";

/** An enum is tried value by value, up to so many. */
const maxAlternatives = 150;
/** An array of many small items is the longest that is tried. */
const maxItems = 300;

/** Payloads in each of which one place is at an edge; not all of them are valid. */
export function* edgePayloads(root: JsonObject, facts: SchemaFacts): Generator<Json> {
  for (const { schema, wrap } of placesOf(root, facts))
    for (const alternative of facts.alternatives(schema).list.slice(0, maxAlternatives))
      for (const value of edgesOf(alternative, facts)) yield wrap(value);
}

function* edgesOf(alternative: Alternative, facts: SchemaFacts): Generator<Json> {
  switch (alternative.kind) {
    case "value":
      return yield alternative.value;
    case "null":
      return yield null;
    case "boolean":
      return yield* [false, true];
    case "integer":
    case "number":
      return yield* edgeNumbers(alternative.flat, alternative.kind === "integer");
    case "string":
      return yield* edgeTexts(alternative.flat);
    case "array":
      return yield* arrays(alternative.flat, facts);
    case "object":
      return yield* objects(alternative.flat, facts);
  }
}

function* arrays(flat: JsonObject, facts: SchemaFacts): Generator<Json> {
  const low = Number(flat["minItems"] ?? 0);
  const high = Number(flat["maxItems"] ?? low + 3);
  const counts = [low, low + 1, high - 1, high].filter((count) => count >= low && count <= high);
  for (const count of new Set(counts)) {
    if (count > maxItems) continue;
    const items = least(facts).items(flat, { count, size: "least" });
    if (items.length === count) yield items;
  }
  // Two that are alike, where that is allowed.
  const [item] = least(facts).items(flat, { count: 1, size: "least" });
  if (item !== undefined && high >= 2) yield [item, item];
}

function* objects(flat: JsonObject, facts: SchemaFacts): Generator<Json> {
  const [small, large] = (["least", "most"] as const).map((size) =>
    new ValueBuilder(facts, { size, dice: createDice(1) }).of({ kind: "object", flat }),
  );
  if (isObject(large)) yield large;
  if (!isObject(small)) return;
  yield small;
  for (const name of Object.keys(objectAt(flat, "properties"))) {
    if (Object.hasOwn(small, name)) continue;
    const more = withMember(small, flat, { name, facts });
    if (Object.hasOwn(more, name)) yield more;
    if (!isObject(large)) continue;
    const { [name]: _left, ...rest } = large;
    yield rest;
  }
  const name = namesFor(flat, least(facts)).find((one) => !Object.hasOwn(small, one));
  if (name !== undefined) yield withMember(small, flat, { name, facts });
  yield { ...small, unknown_member: "of a newer version" };
}
