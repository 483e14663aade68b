import type { Worker } from "node:cluster";
import { tell } from "./ipc.ts";
import { addUp, type MetricsSnapshot } from "./metrics.ts";

/** What the workers of one gateway have counted, those that have ended included. */
export interface Snapshots {
  /** Asks all workers; who does not answer in time counts with what was known of it. */
  collect(): Promise<readonly MetricsSnapshot[]>;
  collected(worker: Worker, id: number, snapshot: MetricsSnapshot): void;
  ended(worker: Worker): void;
}

const answerWithinMs = 500;

export function createSnapshots(workers: () => readonly Worker[]): Snapshots {
  const known = new Map<number, MetricsSnapshot>();
  const waiting = new Map<number, Set<number>>();
  const resolves = new Map<number, () => void>();
  let ended: MetricsSnapshot = addUp([]);
  let last = 0;
  const finish = (id: number) => {
    resolves.get(id)?.();
    resolves.delete(id);
    waiting.delete(id);
  };
  const heard = (id: number, worker: number) => {
    const missing = waiting.get(id);
    missing?.delete(worker);
    if (missing?.size === 0) finish(id);
  };
  return {
    collect: async () => {
      const id = (last += 1);
      const asked = workers();
      if (asked.length > 0) {
        const answered = new Promise<void>((resolve) => resolves.set(id, resolve));
        waiting.set(id, new Set(asked.map((worker) => worker.id)));
        for (const worker of asked) tell(worker, { kind: "collect", id });
        const timer = setTimeout(() => finish(id), answerWithinMs);
        await answered;
        clearTimeout(timer);
      }
      return [ended, ...known.values()];
    },
    collected: (worker, id, snapshot) => {
      known.set(worker.id, snapshot);
      heard(id, worker.id);
    },
    ended: (worker) => {
      ended = addUp([ended, known.get(worker.id) ?? addUp([])]);
      known.delete(worker.id);
      for (const id of waiting.keys()) heard(id, worker.id);
    },
  };
}
