import { has, lastCodePoint, wordCharacters, type CodePoints } from "./code-points.ts";

/** Code points that no part of a pattern tells apart share a class. */
export interface Alphabet {
  /** Where each range of code points begins; sorted, the first is 0. */
  readonly starts: readonly number[];
  /** The class of each range. */
  readonly classes: readonly number[];
  /** A code point of each class. */
  readonly members: readonly number[];
}

/** The coarsest alphabet in which each of the sets is a set of classes. */
export function alphabetOf(sets: readonly CodePoints[]): Alphabet {
  const edges = sets.flatMap((set) => set.flatMap(([from, to]) => [from, to + 1]));
  const starts = [...new Set([0, ...edges])]
    .filter((edge) => edge <= lastCodePoint)
    .toSorted((a, b) => a - b);
  const ids = new Map<string, number>();
  const members: number[] = [];
  const classes = starts.map((start) => {
    const signature = sets.map((set) => (has(set, start) ? 1 : 0)).join("");
    const id = ids.get(signature) ?? members.push(start) - 1;
    ids.set(signature, id);
    return id;
  });
  return { starts, classes, members };
}

export function isWord(codePoint: number): boolean {
  return has(wordCharacters, codePoint);
}
