import { roll, type Dice } from "./random.ts";

/** The texts that match a pattern. */
export interface Words {
  readonly has: (text: string) => boolean;
  /** Texts that show what the pattern can be. */
  readonly edges: readonly string[];
  readonly ofLength: (length: number) => string | undefined;
  readonly between: (low: number, high: number, size: "least" | "most") => string | undefined;
  readonly random: (
    dice: Dice,
    lengths: { readonly low: number; readonly high: number },
  ) => string | undefined;
}

const known = new Map<string, Words>();

export function wordsOf(pattern: string): Words {
  const found = known.get(pattern) ?? createWords(pattern);
  known.set(pattern, found);
  return found;
}

function createWords(pattern: string): Words {
  const expression = new RegExp(pattern, "u");
  const edges = ["a", "A", "0", "abc", "2026-01-01", "1.0.0", "a.b"].filter((text) => expression.test(text));
  return {
    has: (text) => expression.test(text),
    edges,
    ofLength: (length) => edges.find((text) => text.length === length),
    between: (low, high) => edges.find((text) => text.length >= low && text.length <= high),
    random: (dice) => edges[roll(dice, 0, edges.length - 1)],
  };
}
