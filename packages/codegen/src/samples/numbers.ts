import type { JsonObject } from "../json.ts";
import { roll, type Dice } from "../runtime/dice.ts";

const maxSafe = Number.MAX_SAFE_INTEGER;

/** Whether a number is within what a flat schema asks of numbers. */
export function fitsNumber(value: number, flat: JsonObject, isInteger: boolean): boolean {
  const { low, high } = limitsOf(flat);
  const step = flat["multipleOf"];
  return (
    Number.isFinite(value) &&
    (!isInteger || Number.isSafeInteger(value)) &&
    !(value < low) &&
    !(value > high) &&
    value !== flat["exclusiveMinimum"] &&
    value !== flat["exclusiveMaximum"] &&
    (step === undefined || Number.isInteger(value / Number(step)))
  );
}

/** Numbers at the edges of what is allowed, and some inside; the plainest first. Empty when there are none. */
export function edgeNumbers(flat: JsonObject, isInteger: boolean): readonly number[] {
  const { low, high } = limitsOf(flat);
  const step = stepOf(flat, isInteger);
  const upward = (start: number) => Math.ceil(start / step) * step;
  const downward = (start: number) => Math.floor(start / step) * step;
  const near = [low, high].filter(Number.isFinite);
  const around = [-2, -1, 0, 1, 2].map((steps) => steps * step);
  const aligned = near.flatMap((edge) =>
    [upward(edge), downward(edge)].flatMap((start) => around.map((distance) => start + distance)),
  );
  const inside = near.flatMap((edge) =>
    isInteger ? [] : [edge + step / 2, edge - step / 2, edge + 1e-6, edge - 1e-6],
  );
  const wide = isInteger ? [maxSafe, -maxSafe] : [0.5, -0.5, 1e-7, 1.5e300, maxSafe, -maxSafe];
  const all = [0, step, -step, ...near, ...aligned, ...inside, 2, ...wide];
  // There is no negative zero in JSON.
  return [...new Set(all.map((value) => value + 0))].filter((value) => fitsNumber(value, flat, isInteger));
}

/** The greatest of the edges that a limit names; without a limit, one that is not too far. */
export function largeNumber(flat: JsonObject, isInteger: boolean): number | undefined {
  const { high } = limitsOf(flat);
  const edges = edgeNumbers(flat, isInteger);
  const [first] = edges;
  if (first === undefined) return undefined;
  return Number.isFinite(high) ? Math.max(...edges) : Math.max(...edges.filter((edge) => edge <= 1e6), first);
}

export function randomNumber(flat: JsonObject, isInteger: boolean, dice: Dice): number | undefined {
  const { low, high } = limitsOf(flat);
  const step = stepOf(flat, isInteger);
  const from = Math.max(low, Math.min(high, 1_000) - 1_000);
  const to = Math.min(high, from + 2_000);
  const value = roll(dice, Math.ceil(from / step), Math.floor(to / step)) * step;
  const edges = edgeNumbers(flat, isInteger);
  return fitsNumber(value, flat, isInteger) ? value + 0 : edges[roll(dice, 0, edges.length - 1)];
}

function limitsOf(flat: JsonObject): { readonly low: number; readonly high: number } {
  const at = (keyword: string, otherwise: number) => Number(flat[keyword] ?? otherwise);
  return {
    low: Math.max(at("minimum", -Infinity), at("exclusiveMinimum", -Infinity)),
    high: Math.min(at("maximum", Infinity), at("exclusiveMaximum", Infinity)),
  };
}

function stepOf(flat: JsonObject, isInteger: boolean): number {
  const step = Number(flat["multipleOf"] ?? 1);
  if (!isInteger || Number.isInteger(step)) return step;
  const multiples = Array.from({ length: 1_000 }, (_, index) => step * (index + 1));
  return multiples.find(Number.isInteger) ?? step;
}
