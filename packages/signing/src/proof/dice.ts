/** Gives whole numbers from 0 up to, not including, the sides. */
export type Dice = (sides: number) => number;

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
export function createDice(seed: number): Dice {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** So many random bytes. */
export function randomBytes(length: number, roll: Dice): Buffer {
  return Buffer.from(Array.from({ length }, () => roll(256)));
}
