import type { Worker } from "node:cluster";
import { setImmediate as turn } from "node:timers/promises";
import type { DrainStage } from "@hooks/http-server";

/** Where workers that end wait for each other. */
export interface Meeting {
  /** Resolves when all workers have come as far. */
  reached(worker: Worker, stage: DrainStage): Promise<void>;
  /** It is waited for no more. */
  ended(): void;
}

export function createMeeting(workers: () => readonly Worker[]): Meeting {
  const reached: Readonly<Record<DrainStage, Set<Worker>>> = { gathered: new Set(), closed: new Set() };
  let waiting: { readonly stage: DrainStage; readonly resolve: () => void }[] = [];
  const isComplete = (stage: DrainStage) => workers().every((worker) => reached[stage].has(worker));
  const look = () => {
    const met = waiting.filter(({ stage }) => isComplete(stage));
    waiting = waiting.filter((one) => !met.includes(one));
    for (const { resolve } of met) resolve();
  };
  return {
    reached: async (worker, stage) => {
      reached[stage].add(worker);
      await new Promise<void>((resolve) => {
        waiting.push({ stage, resolve });
        look();
      });
      // Connections that came to this process in the same turn have been handed on by then.
      await turn();
    },
    ended: look,
  };
}
