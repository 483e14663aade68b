import type { Dice } from "../runtime/dice.ts";

/** The items in another order. */
export function shuffled<T>(items: readonly T[], dice: Dice): readonly T[] {
  return items
    .map((item) => ({ item, rank: dice() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
