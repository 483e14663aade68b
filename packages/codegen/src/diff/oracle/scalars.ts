import type { Json, JsonObject } from "../../json.ts";
import { wordsWhere } from "../../pattern/words.ts";
import { edgeNumbers } from "../../samples/numbers.ts";
import { edgeTexts } from "../../samples/texts.ts";
import { admits } from "../compare/values.ts";
import { remember, type Memory } from "../remember.ts";
import type { BoundName, Shape } from "../shape.ts";

const known: Memory<"scalars", readonly Json[]> = new WeakMap();

/** Scalars that a shape allows, at its edges and within, those its author gave as examples first. */
export function scalars(shape: Shape): readonly Json[] {
  return remember(known, [shape, "scalars"], () => scalarsAnew(shape));
}

function scalarsAnew(shape: Shape): readonly Json[] {
  const { kinds } = shape;
  const { examples, default: usual } = Object.fromEntries(shape.annotations);
  const given = [...(Array.isArray(examples) ? examples : []), ...(usual === undefined ? [] : [usual])];
  const unlisted = { ...shape, read: undefined };
  const texts = kinds.has("string") ? edgeTexts(textLimits(shape)) : [];
  return [
    ...given.filter((value) => isScalar(value) && admits(unlisted, value)),
    ...texts.filter((text) => text !== ""),
    ...numbersOf(shape),
    ...texts.filter((text) => text === ""),
    ...(kinds.has("boolean") ? [true, false] : []),
  ];
}

/** Numbers at the edges of a shape that has any. */
export function numbersOf(shape: Shape, more: JsonObject = {}): readonly number[] {
  if (!shape.kinds.has("integer") && !shape.kinds.has("fraction")) return [];
  const steps = shape.multiples.size === 0 ? [undefined] : [...shape.multiples];
  const limits = { ...rangeOf(shape), ...more };
  return steps.flatMap((step) =>
    edgeNumbers(
      { ...limits, ...(step === undefined ? {} : { multipleOf: step }) },
      !shape.kinds.has("fraction"),
    ),
  );
}

/** What a shape asks of texts, as keywords. A pattern whose texts cannot be made is left out. */
export function textLimits({ bounds, patterns, formats }: Shape): JsonObject {
  const [low, high] = [bounds.get("length.min")?.value, bounds.get("length.max")?.value];
  return {
    ...(low === undefined ? {} : { minLength: low }),
    ...(high === undefined ? {} : { maxLength: high }),
    pattern: [...patterns].filter((pattern) => wordsWhere({ all: [pattern], none: [] }) !== undefined),
    format: [...formats],
  };
}

function rangeOf({ bounds }: Shape): JsonObject {
  const ends: readonly (readonly [BoundName, string, string])[] = [
    ["number.min", "minimum", "exclusiveMinimum"],
    ["number.max", "maximum", "exclusiveMaximum"],
  ];
  return Object.fromEntries(
    ends.flatMap(([name, included, excluded]) => {
      const bound = bounds.get(name);
      return bound === undefined ? [] : [[bound.exclusive ? excluded : included, bound.value]];
    }),
  );
}

function isScalar(value: Json): boolean {
  return value !== null && typeof value !== "object";
}
