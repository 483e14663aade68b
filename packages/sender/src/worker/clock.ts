export interface WorkerClockOptions {
  /** The machine's clock, in Unix milliseconds. */
  readonly now: () => number;
  /** Milliseconds since any moment, by a clock that nobody can set; absent where `now` is no machine's clock. */
  readonly elapsed: (() => number) | undefined;
}

/** The time that a worker goes by. */
export interface WorkerClock {
  /** By which things come due. Set back, the clock goes on from where it was: nothing that waits must wait longer for it. */
  now(): number;
  /** What others are told, as right as this worker knows it. */
  wall(): number;
  /** The time by the store just now: from here on that counts, whatever the machine's clock says. */
  set(storeMs: number): void;
}

interface Reading {
  readonly timeMs: number;
  readonly elapsedMs: number;
}

export function createWorkerClock({ now: machine, elapsed }: WorkerClockOptions): WorkerClock {
  if (elapsed === undefined) return { now: machine, wall: machine, set: () => {} };
  let store: Reading | undefined;
  let last: Reading | undefined;
  const since = ({ timeMs, elapsedMs }: Reading) => timeMs + elapsed() - elapsedMs;
  const wall = () => Math.floor(store === undefined ? machine() : since(store));
  return {
    wall,
    now() {
      const timeMs = Math.max(wall(), last === undefined ? 0 : since(last));
      last = { timeMs, elapsedMs: elapsed() };
      return Math.floor(timeMs);
    },
    set(storeMs) {
      // What the machine said before was never compared with anything.
      if (store === undefined) last = undefined;
      store = { timeMs: storeMs, elapsedMs: elapsed() };
    },
  };
}
