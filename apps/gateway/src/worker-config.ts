import type { Worker } from "node:cluster";
import type { Config } from "./config.ts";
import { tell } from "./ipc.ts";

/** What configuration the workers follow. */
export interface WorkerConfig {
  /** A worker is ready to be told. */
  ready(worker: Worker): void;
  /** What a worker answered; no problem: it has gone over. */
  confirmed(worker: Worker, id: number, problem: string | undefined): void;
  /** It has nothing to answer any more: whoever takes its place begins with the newest configuration. */
  ended(worker: Worker): void;
  /**
   * Resolves when all workers have gone over to another configuration, which holds since `sinceMs`. Where one of them
   * cannot, or does not answer, the others go back, and this rejects with who could not and why. One at a time.
   */
  change(next: Config, sinceMs: number): Promise<void>;
}

/** A worker that goes on as it was. */
interface Refusal {
  readonly worker: Worker;
  readonly problem: string;
}

interface Round {
  readonly missing: Set<Worker>;
  readonly refusals: Refusal[];
  readonly finish: () => void;
}

/** More than requests under way and deliveries in flight may take. */
const answerWithinMs = 60_000;

export interface WorkerConfigOptions {
  readonly config: Config;
  /** Since when it holds. */
  readonly sinceMs: number;
  readonly processes: number;
}

export function createWorkerConfig({ processes, ...first }: WorkerConfigOptions): WorkerConfig {
  const told = new Set<Worker>();
  const rounds = new Map<number, Round>();
  let { config, sinceMs } = first;
  let last = 0;
  const heard = (id: number, worker: Worker, problem?: string) => {
    const round = rounds.get(id);
    if (round?.missing.delete(worker) !== true) return;
    if (problem !== undefined) round.refusals.push({ worker, problem });
    if (round.missing.size === 0) round.finish();
  };
  /** Whoever begins is told the same: what came meanwhile may be for destinations of the next. */
  const goOver = (next: Config, nextSinceMs: number) => {
    config = next;
    sinceMs = nextSinceMs;
  };
  const configure = async (workers: readonly Worker[]): Promise<readonly Refusal[]> => {
    if (workers.length === 0) return [];
    const id = (last += 1);
    const refusals: Refusal[] = [];
    const answered = new Promise<void>((finish) => {
      rounds.set(id, { missing: new Set(workers), refusals, finish });
    });
    const timer = setTimeout(() => {
      for (const worker of workers) heard(id, worker, `no answer within ${answerWithinMs} ms`);
    }, answerWithinMs);
    for (const worker of workers) tell(worker, { kind: "configure", id, config, sinceMs, processes });
    await answered;
    clearTimeout(timer);
    rounds.delete(id);
    return refusals;
  };
  return {
    ready: (worker) => {
      told.add(worker);
      tell(worker, { kind: "configure", id: 0, config, sinceMs, processes });
    },
    confirmed: (worker, id, problem) => heard(id, worker, problem),
    ended: (worker) => {
      told.delete(worker);
      for (const id of rounds.keys()) heard(id, worker);
    },
    change: async (next, nextSinceMs) => {
      const before = config;
      goOver(next, nextSinceMs);
      const refusals = await configure([...told]);
      if (refusals.length === 0) return;
      goOver(before, Date.now());
      await configure([...told].filter((one) => refusals.every(({ worker }) => worker !== one)));
      throw new Error(refusals.map(({ worker, problem }) => `worker ${worker.id}: ${problem}`).join("; "));
    },
  };
}
