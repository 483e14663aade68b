import { setTimeout as wait } from "node:timers/promises";

export interface WritesOptions {
  /** Runs `work` in a transaction; `undefined` while another process writes. */
  readonly transact: <T>(work: () => T) => { readonly result: T } | undefined;
  /** How long another process is waited for. */
  readonly patienceMs: number;
}

interface Write {
  readonly work: () => unknown;
  readonly endMs: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** How often to look whether another process still writes. */
const lookEveryMs = 1;
/** What is left to the others after a commit, so long as there are any: SQLite gives its lock to whoever asks first. */
const gapMs = 5;
/** How long after another process was waited for there are others. */
const othersForMs = 1_000;

/**
 * One write after another. Alone at the file, each is a transaction, committed at once; what comes while another process is
 * waited for shares the next one, and fails with it.
 */
export function createWrites({ transact, patienceMs }: WritesOptions): <T>(work: () => T) => Promise<T> {
  let waiting: Write[] = [];
  let isRunning = false;
  let othersUntilMs = -Infinity;
  let nextMs = -Infinity;

  /** False while another process writes. */
  const commit = (writes: readonly Write[]): boolean => {
    try {
      const written = transact(() => writes.map(({ work }) => work()));
      if (written === undefined) return false;
      writes.forEach(({ resolve }, index) => resolve(written.result[index] as never));
    } catch (error) {
      for (const { reject } of writes) reject(error);
    }
    return true;
  };
  const run = async () => {
    isRunning = true;
    while (waiting.length > 0) {
      const gapLeftMs = nextMs - performance.now();
      if (gapLeftMs > 0) await wait(gapLeftMs);
      const writes = waiting;
      waiting = [];
      const isCommitted = commit(writes);
      const nowMs = performance.now();
      if (isCommitted) {
        if (nowMs < othersUntilMs) nextMs = nowMs + gapMs;
      } else {
        othersUntilMs = nowMs + othersForMs;
        const { true: late = [], false: patient = [] } = Object.groupBy(
          writes,
          (one) => `${one.endMs < nowMs}`,
        );
        for (const { reject } of late) reject(new Error("Another process holds the lock"));
        waiting = [...patient, ...waiting];
        await wait(lookEveryMs);
      }
    }
    isRunning = false;
  };
  return (work) =>
    new Promise((resolve, reject) => {
      waiting.push({ work, endMs: performance.now() + patienceMs, resolve, reject });
      if (!isRunning) void run();
    });
}
