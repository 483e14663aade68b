/** Numbers that a seed decides, so that a run can be repeated. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** In [from, to], both included. */
  integer(from: number, to: number): number;
  bytes(length: number): Buffer;
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return { next, integer, bytes: (length) => Buffer.from(Array.from({ length }, () => integer(0, 255))) };
}

/** The seed of this run: `SEED` where it is set, else another one each time. */
export function chooseSeed(): number {
  return Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);
}
