import { remember, type Memory } from "./remember.ts";
import type { Shape } from "./shape.ts";
import type { Conjunction } from "./source.ts";

const elements: Memory<number, Conjunction> = new WeakMap();

/** All that is said about the element of an array at an index. */
export function elementAt(shape: Shape, index: number): Conjunction {
  const told = Math.max(0, ...shape.arrays.map(({ prefix }) => prefix.length));
  return remember(elements, [shape, Math.min(index, told)], () =>
    shape.arrays.flatMap(({ prefix, rest }) => prefix[index] ?? rest),
  );
}
