import type { Json, JsonObject } from "../json.ts";

/** Bounds that come in pairs, and what they count. */
const ranges: readonly (readonly [string, string, string])[] = [
  ["minLength", "maxLength", " characters"],
  ["minimum", "maximum", ""],
  ["minItems", "maxItems", " items"],
  ["minProperties", "maxProperties", " members"],
];

const bounds: readonly (readonly [string, (value: string) => string])[] = [
  ["exclusiveMinimum", (value) => `more than ${value}`],
  ["exclusiveMaximum", (value) => `less than ${value}`],
  ["multipleOf", (value) => `a multiple of ${value}`],
  ["uniqueItems", () => "no item twice"],
];

/** Format and bounds of a schema in words, such as `1 to 50 characters`. */
export function limitsOf(schema: JsonObject): readonly string[] {
  const format = typeof schema["format"] === "string" ? [schema["format"]] : [];
  return [
    ...format,
    ...ranges.flatMap(([low, high, unit]) => rangeOf(schema[low], schema[high], unit)),
    ...bounds.flatMap(([keyword, say]) => {
      const value = schema[keyword];
      return value === undefined || value === false ? [] : [say(String(value))];
    }),
  ];
}

/** The largest integers that survive JSON are no bounds that anybody chose. */
function rangeOf(low: Json | undefined, high: Json | undefined, unit: string): readonly string[] {
  const [from, to] = [low, high].map((bound) => {
    const isBound = typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
    return isBound ? bound.toLocaleString("en") : undefined;
  });
  if (from === undefined) return to === undefined ? [] : [`at most ${to}${unit}`];
  if (to === undefined) return [`at least ${from}${unit}`];
  return [from === to ? `exactly ${from}${unit}` : `${from} to ${to}${unit}`];
}
