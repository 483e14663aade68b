import { troubleOf, type Report } from "../report.ts";
import { every, type Timers } from "./timers.ts";

/**
 * Work of which there is one for all processes. Does a little of it and says whether there is more, or in how many
 * milliseconds there is. `nowMs`: by the store, where it has a clock of its own.
 */
export type Chore = (nowMs: number) => Promise<boolean | number>;

export interface ChoresOptions {
  readonly chores: readonly Chore[];
  /** Whether this process is the one that does them. */
  readonly isInCharge: () => boolean;
  /** The time, as right as it is known. */
  readonly now: () => number;
  readonly timers: Timers;
  readonly pollMs: number;
  readonly report: Report;
}

/** Does chores every `pollMs`, and when it is asked to, one after the other. */
export interface Chores {
  start(): void;
  /** There may be something to do. */
  run(): void;
  /** Begins nothing more; resolves when what is under way is done. */
  stop(): Promise<void>;
}

export function createChores({ chores, isInCharge, now, timers, pollMs, report }: ChoresOptions): Chores {
  let stopAsking: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let isAsked = false;
  let cancelAgain: (() => void) | undefined;

  const attempt = async (chore: Chore): Promise<number> => {
    try {
      const more = await chore(now());
      if (typeof more === "number") return more;
      return more ? 0 : Infinity;
    } catch (error) {
      report(troubleOf("chore", error));
      return Infinity;
    }
  };
  const work = async (): Promise<void> => {
    let waitMs = Infinity;
    while (isAsked) {
      isAsked = false;
      waitMs = Infinity;
      for (const chore of chores)
        if (stopAsking !== undefined && isInCharge()) waitMs = Math.min(waitMs, await attempt(chore));
      if (waitMs <= 0) isAsked = true;
    }
    cancelAgain?.();
    if (stopAsking !== undefined && waitMs < pollMs) cancelAgain = timers.after(waitMs, run);
  };
  const run = (): void => {
    if (stopAsking === undefined) return;
    isAsked = true;
    // Nothing is awaited where nothing is to be done: it may be over before it is known to be running.
    running ??= work().finally(() => {
      running = undefined;
    });
  };
  return {
    start() {
      stopAsking = every(timers, pollMs, run);
      run();
    },
    run,
    async stop() {
      stopAsking?.();
      stopAsking = undefined;
      cancelAgain?.();
      await running;
    },
  };
}
