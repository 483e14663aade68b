import type { Alphabet } from "./alphabet.ts";
import { lastCodePoint } from "./code-points.ts";

/** Classes, those with the plainest characters first, by the characters of each. */
export function plainestFirst(characters: readonly (readonly string[])[]): readonly number[] {
  return characters
    .map((_, index) => index)
    .toSorted((a, b) => plainness(characters[a]?.[0]) - plainness(characters[b]?.[0]));
}

const shapes = [
  /^[a-z]$/,
  /^[0-9]$/,
  /^[A-Z]$/,
  /^[!-~]$/,
  /^[ -~]$/,
  /^[\p{L}\p{N}]$/u,
  /^\P{C}$/u,
  /^\P{Cs}$/u,
];

function plainness(character = ""): number {
  const shape = shapes.findIndex((one) => one.test(character));
  return shape < 0 ? shapes.length : shape;
}

/** Characters of each class, the plainest first; a few of the many a class may have. */
export function charactersOf({ starts, classes, members }: Alphabet): readonly (readonly string[])[] {
  const found = members.map((codePoint) => new Set([String.fromCodePoint(codePoint)]));
  starts.forEach((start, index) => {
    const end = (starts[index + 1] ?? lastCodePoint + 1) - 1;
    const characters = found[classes[index] ?? 0];
    characters?.add(String.fromCodePoint(start));
    for (const character of plain) {
      const codePoint = character.codePointAt(0) ?? 0;
      if (start <= codePoint && codePoint <= end) characters?.add(character);
    }
  });
  return found.map((characters) =>
    [...characters].toSorted((a, b) => plainness(a) - plainness(b)).slice(0, 64),
  );
}

const plain = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/+ äßé漢😀";
