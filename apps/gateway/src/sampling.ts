/** Lets so many lines a second through, and counts the others. */
export interface Sampling {
  /** How many lines were left out before this one; `undefined` when it is left out itself. */
  admit(): number | undefined;
}

/** What a flood of refused requests may add to the log each second; the metrics count all of them. */
const linesPerSecond = 50;

export function createSampling(clock: () => number): Sampling {
  let second = 0;
  let written = 0;
  let leftOut = 0;
  return {
    admit: () => {
      const now = Math.floor(clock() / 1_000);
      if (now !== second) [second, written] = [now, 0];
      if (written >= linesPerSecond) {
        leftOut += 1;
        return undefined;
      }
      written += 1;
      const before = leftOut;
      leftOut = 0;
      return before;
    },
  };
}
