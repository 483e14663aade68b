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

/** What a clock said when so long had elapsed. */
interface Reading {
  timeMs: number;
  elapsedMs: number;
}

export function createWorkerClock({ now: machine, elapsed }: WorkerClockOptions): WorkerClock {
  if (elapsed === undefined) return { now: machine, wall: machine, set: () => {} };
  let store: Reading | undefined;
  const last: Reading = { timeMs: -Infinity, elapsedMs: 0 };
  const since = ({ timeMs, elapsedMs }: Reading, nowMs: number) => timeMs + nowMs - elapsedMs;
  const wallAt = (elapsedMs: number) => Math.floor(store === undefined ? machine() : since(store, elapsedMs));
  return {
    wall: () => wallAt(elapsed()),
    // Asked several times for every attempt.
    now() {
      const elapsedMs = elapsed();
      last.timeMs = Math.max(wallAt(elapsedMs), since(last, elapsedMs));
      last.elapsedMs = elapsedMs;
      return Math.floor(last.timeMs);
    },
    set(storeMs) {
      // What the machine said before was never compared with anything.
      if (store === undefined) last.timeMs = -Infinity;
      store = { timeMs: storeMs, elapsedMs: elapsed() };
    },
  };
}
