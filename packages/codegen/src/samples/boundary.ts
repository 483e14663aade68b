import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import type { Alternative } from "./alternatives.ts";
import { Growth, withDependents, type Soil } from "./grow.ts";
import { listOf } from "./merge.ts";
import { memberSchema, namesFor } from "./members.ts";
import { edgeNumbers } from "./numbers.ts";
import { createDice } from "./random.ts";
import { edgeTexts } from "./texts.ts";

/** A place in a payload: its schema, and how a value for it becomes a whole payload. */
interface Place {
  readonly schema: JsonObject;
  readonly wrap: (value: Json) => Json;
}

/** An enum is tried value by value, up to so many. */
const maxAlternatives = 150;
/** An array of many small items is the longest that is tried. */
const maxItems = 300;
const maxPlaces = 4_000;

/**
 * Payloads in each of which one place is at an edge, breadth first: places whose schema has not been seen come before
 * those that repeat one. Not all of them are valid.
 */
export function* edgePayloads(root: JsonObject, soil: Soil): Generator<Json> {
  const fresh: Place[] = [{ schema: root, wrap: (value) => value }];
  const repeated: Place[] = [];
  const seen = new Set<unknown>();
  for (let count = 0; count < maxPlaces; count++) {
    const place = fresh.shift() ?? repeated.shift();
    if (place === undefined) return;
    const key = soil.alternatives(place.schema);
    if (seen.has(key) && fresh.length > 0) {
      repeated.push(place);
      continue;
    }
    seen.add(key);
    const edges = new Edges(place, soil);
    for (const value of edges.values()) yield place.wrap(value);
    fresh.push(...edges.places());
  }
}

/** What can be varied at one place, and the places below it. */
class Edges {
  readonly #place: Place;
  readonly #soil: Soil;
  readonly #alternatives: readonly Alternative[];

  constructor(place: Place, soil: Soil) {
    this.#place = place;
    this.#soil = soil;
    this.#alternatives = soil.alternatives(place.schema).list.slice(0, maxAlternatives);
  }

  *values(): Generator<Json> {
    for (const alternative of this.#alternatives) yield* this.#valuesOf(alternative);
  }

  *places(): Generator<Place> {
    for (const { kind, ...rest } of this.#alternatives) {
      if (!("flat" in rest)) continue;
      if (kind === "object") yield* this.#members(rest.flat);
      if (kind === "array") yield* this.#items(rest.flat);
    }
  }

  *#valuesOf(alternative: Alternative): Generator<Json> {
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
        return yield* this.#arrays(alternative.flat);
      case "object":
        return yield* this.#objects(alternative);
    }
  }

  *#arrays(flat: JsonObject): Generator<Json> {
    const low = Number(flat["minItems"] ?? 0);
    const high = Number(flat["maxItems"] ?? low + 3);
    const counts = [low, low + 1, high - 1, high].filter((count) => count >= low && count <= high);
    for (const count of new Set(counts)) {
      if (count > maxItems) continue;
      const items = this.#growth().items(flat, { count, size: "least" });
      if (items.length === count) yield items;
    }
    // Two that are alike, where that is allowed.
    const [item] = this.#growth().items(flat, { count: 1, size: "least" });
    if (item !== undefined && high >= 2) yield [item, item];
  }

  *#objects(alternative: Alternative): Generator<Json> {
    const [least, most] = (["least", "most"] as const).map((size) => this.#growth().of(alternative, size));
    if (!("flat" in alternative)) return;
    const { flat } = alternative;
    if (isObject(most)) yield most;
    if (!isObject(least)) return;
    yield least;
    for (const name of Object.keys(objectAt(flat, "properties"))) {
      const members = { ...this.#member(flat, name), ...least };
      if (!Object.hasOwn(least, name) && Object.hasOwn(members, name)) yield members;
      if (!isObject(most) || Object.hasOwn(least, name)) continue;
      const { [name]: _left, ...rest } = most;
      yield rest;
    }
    const [name] = namesFor(flat, this.#growth()).filter((one) => !Object.hasOwn(least, one));
    const more = name === undefined ? undefined : { ...least, ...this.#member(flat, name) };
    if (more !== undefined) yield more;
    yield { ...least, unknown_member: "of a newer version" };
  }

  *#members(flat: JsonObject): Generator<Place> {
    const host = this.#growth().of({ kind: "object", flat }, "least");
    if (!isObject(host)) return;
    const named = Object.keys(objectAt(flat, "properties"));
    const isMap = isObject(flat["additionalProperties"]) || flat["patternProperties"] !== undefined;
    const other = isMap ? namesFor(flat, this.#growth()).filter((name) => !named.includes(name)) : [];
    for (const name of [...named, ...other.slice(0, 3)]) {
      const schema = memberSchema(flat, name);
      if (schema === undefined) continue;
      const whole = Object.hasOwn(host, name) ? host : { ...this.#member(flat, name), ...host };
      yield { schema, wrap: (value) => this.#place.wrap({ ...whole, [name]: value }) };
    }
  }

  *#items(flat: JsonObject): Generator<Place> {
    const prefix = listOf(flat["prefixItems"] ?? []);
    const schemas = [...prefix, ...(isObject(flat["items"]) ? [flat["items"]] : [])].filter(isObject);
    const low = Number(flat["minItems"] ?? 0);
    for (const [index, schema] of schemas.entries()) {
      const items = this.#growth().items(flat, { count: Math.max(low, index + 1), size: "least" });
      if (items.length > index) yield { schema, wrap: (value) => this.#place.wrap(items.with(index, value)) };
    }
  }

  /** A member, and those that have to come with it. */
  #member(flat: JsonObject, name: string): JsonObject {
    const entries = withDependents(flat, [name]).map((one) => {
      const schema = memberSchema(flat, one);
      return [one, schema === undefined ? undefined : this.#growth().value(schema, "least")] as const;
    });
    return Object.fromEntries(
      entries.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined),
    );
  }

  #growth(): Growth {
    return new Growth(this.#soil, { size: "least", dice: createDice(1) });
  }
}
