/** Numbers that look random and are the same for the same seed. */
export interface Dice {
  /** From 0 to 1, without 1. */
  random(): number;
  bytes(count: number): Uint8Array;
}

/** Mulberry32. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { random, bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)) };
}
