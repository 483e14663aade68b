/** How long to measure; `--quick` is for a look, not for a number to quote. */
export interface BenchOptions {
  readonly quick: boolean;
}

/** One of several ways to do the same work. */
export interface Contender {
  readonly name: string;
  /**
   * What ours divided by this one must reach: at least so much where higher is better, at most so much where lower is.
   * Absent where there is no target, and on ours.
   */
  readonly target?: number | undefined;
  /** Works for about `ms` milliseconds and gives the measurement, in the comparison's unit. Called once a round. */
  measure(ms: number): number | Promise<number>;
}

/** The same work done in several ways, measured in turn. */
export interface Comparison {
  readonly name: string;
  /** Such as `op/s` or `ms p99`. */
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly ours: Contender;
  /** Peers and limits. */
  readonly others: readonly Contender[];
  /** How many rounds, where the default (41, quick 15) does not fit. */
  readonly rounds?: number | undefined;
  /** How long each contender works in a round, where the default (50 ms, quick 20 ms) does not fit. */
  readonly sliceMs?: number | undefined;
}

/**
 * A bench yields its comparisons one by one. What it starts before a `yield` it stops after it, in a `finally`: the
 * harness measures while the generator waits.
 */
export type Bench = (options: BenchOptions) => AsyncGenerator<Comparison> | Generator<Comparison>;

/** Measures a synchronous operation in operations a second. The operation's result must depend on its work. */
export function throughput(operation: () => unknown): Contender["measure"] {
  let batch = 1;
  return (ms) => {
    const start = performance.now();
    let count = 0;
    let elapsed = 0;
    while (elapsed < ms) {
      for (let index = 0; index < batch; index++) sink = operation();
      count += batch;
      elapsed = performance.now() - start;
      if (elapsed < ms / 20) batch *= 2;
    }
    return (count / elapsed) * 1000;
  };
}

/** `throughput` of an operation that gives its result later. */
export function asyncThroughput(operation: () => Promise<unknown>): Contender["measure"] {
  let batch = 1;
  return async (ms) => {
    const start = performance.now();
    let count = 0;
    let elapsed = 0;
    while (elapsed < ms) {
      for (let index = 0; index < batch; index++) sink = await operation();
      count += batch;
      elapsed = performance.now() - start;
      if (elapsed < ms / 20) batch *= 2;
    }
    return (count / elapsed) * 1000;
  };
}

/** Results end here, so that no compiler may leave the work out. */
export let sink: unknown;
