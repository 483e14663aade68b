/** Longer texts are not matched: so no pattern can cost more than the square of this. */
export const maxMatchedLength = 2_000;

/** A regular expression that passes every text too long for it. */
export interface ShortPattern {
  test(text: string): boolean;
  toString(): string;
}

/**
 * Compiles a `pattern`. Beside each there is a `maxLength` within `maxMatchedLength`, which refuses what is longer;
 * a validator that reports every fault would else go on and match a megabyte.
 */
export function shortPattern(source: string): ShortPattern {
  const pattern = new RegExp(source, "u");
  return {
    test: (text) => text.length > maxMatchedLength || pattern.test(text),
    toString: () => source,
  };
}
