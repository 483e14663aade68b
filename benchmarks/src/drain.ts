import type { Contender } from "./bench.ts";

/** Work that is put in place first and timed then. */
export interface Backlog {
  /** Puts so many pieces of work in place; none of them may begin. */
  prepare(count: number): Promise<void>;
  /** Does all of it. */
  drain(): Promise<void>;
}

export interface DrainOptions {
  /** Counts are multiples of this. Default 1. */
  readonly step?: number;
  /** How many pieces there are in the first backlog, before anything is known of the rate. Default 1,000. */
  readonly first?: number;
  /** How long the first call goes on: the measured processes compile their code as they run it. Default 2,000 ms. */
  readonly warmUpMs?: number;
}

/** What a drained backlog came to. */
export interface Drained {
  /** How many pieces there were, those of the warm-up included. */
  readonly count: number;
  readonly perSecond: number;
}

/**
 * Works backlogs off, each as long as the rate of the one before says that it lasts about `ms`. Only the draining is
 * timed, from its beginning to its last piece, and it always ends with nothing left over.
 */
export function createDrain(
  { prepare, drain }: Backlog,
  { step = 1, first = 1_000, warmUpMs = 2_000 }: DrainOptions = {},
): (ms: number) => Promise<Drained> {
  const once = async (wanted: number): Promise<Drained> => {
    const count = Math.max(1, Math.round(wanted / step)) * step;
    await prepare(count);
    const startedAt = performance.now();
    await drain();
    return { count, perSecond: (count / (performance.now() - startedAt)) * 1_000 };
  };
  let last: Drained | undefined;
  return async (ms) => {
    let count = 0;
    const warmUntil = last === undefined ? performance.now() + warmUpMs : 0;
    do {
      last = await once(last === undefined ? first : (last.perSecond * ms) / 1_000);
      count += last.count;
    } while (performance.now() < warmUntil);
    return { ...last, count };
  };
}

/** A drain as a contender's measurement, in pieces a second. */
export function drainRate(drain: (ms: number) => Promise<Drained>): Contender["measure"] {
  return async (ms) => (await drain(ms)).perSecond;
}
