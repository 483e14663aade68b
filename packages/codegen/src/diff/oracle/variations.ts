import { canonicalJson, isObject, type Json, type JsonObject } from "../../json.ts";
import { wordsWhere } from "../../pattern/words.ts";
import { createDice } from "../../runtime/dice.ts";
import { admits } from "../compare/values.ts";
import { memberOf, namesOf } from "../members.ts";
import { shapeOf } from "../normalise.ts";
import type { Shape } from "../shape.ts";
import type { Conjunction } from "../source.ts";
import { Generator } from "./generate.ts";
import type { Place } from "./place.ts";
import { scalars } from "./scalars.ts";

const maxDepth = 4;

/** Different values for a schema: as many as are asked for, or fewer where no more can be made. */
export function variations(place: Place, count: number): readonly Json[] {
  return within(place, { count, depth: 0 });
}

function within({ root, sources }: Place, wanted: Wanted): readonly Json[] {
  const shape = shapeOf(root, sources);
  const found = new Map<string, Json>();
  for (const value of candidates(root, { sources, shape }, wanted)) {
    if (found.size >= wanted.count) break;
    found.set(canonicalJson(value), value);
  }
  return [...found.values()];
}

interface Described {
  readonly sources: Conjunction;
  readonly shape: Shape;
}

interface Wanted {
  readonly count: number;
  readonly depth: number;
}

function* candidates(
  root: JsonObject,
  { sources, shape }: Described,
  { count, depth }: Wanted,
): Iterable<Json> {
  if (shape.written !== undefined) return yield* shape.written.values();
  yield* scalars(shape);
  if (shape.kinds.has("integer")) yield* integers(shape, count);
  if (shape.kinds.has("string")) yield* texts(shape, count);
  const value = new Generator(root, {}).valueOf(sources);
  if (!isObject(value) || depth >= maxDepth) return;
  for (const name of namesOf(shape)) {
    const member = memberOf(shape, name, "writer");
    if (member === "never") continue;
    for (const one of within({ root, sources: member }, { count, depth: depth + 1 }))
      yield { ...value, [name]: one };
  }
}

function* integers(shape: Shape, count: number): Iterable<number> {
  const { bounds, multiples } = shape;
  const step = Math.max(1, ...[...multiples].filter(Number.isInteger));
  const [low, high] = [bounds.get("number.min")?.value, bounds.get("number.max")?.value];
  const start = low === undefined ? (high === undefined ? 0 : high - count * step) : low;
  const first = Math.ceil(start / step) * step;
  for (let index = 0; index <= count; index++) yield first + index * step;
}

function* texts(shape: Shape, count: number): Iterable<string> {
  const low = shape.bounds.get("length.min")?.value ?? 0;
  for (let index = 0; index <= count; index++) {
    const text = String(index).padStart(low, "0");
    if (admits(shape, text)) yield text;
  }
  if (shape.patterns.size === 0) return;
  const words = wordsWhere({ all: [...shape.patterns], none: [] });
  const dice = createDice(1);
  const high = Math.min(shape.bounds.get("length.max")?.value ?? low + 40, low + 40);
  for (let index = 0; index <= 2 * count && index < 10_000; index++) {
    const text = words?.random(dice, { low, high });
    if (text !== undefined) yield text;
  }
}
