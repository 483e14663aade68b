import type { Timers } from "./timers.ts";

/** One timer that rings at the earliest time it was asked for. */
export interface Alarm {
  at(timeMs: number): void;
  stop(): void;
}

export interface AlarmOptions {
  readonly now: () => number;
  readonly timers: Timers;
}

export function createAlarm({ now, timers }: AlarmOptions, ring: () => void): Alarm {
  let cancel: (() => void) | undefined;
  let setFor = Infinity;
  return {
    at(timeMs) {
      if (timeMs >= setFor || timeMs === Infinity) return;
      cancel?.();
      setFor = timeMs;
      cancel = timers.after(Math.max(0, timeMs - now()), () => {
        setFor = Infinity;
        ring();
      });
    },
    stop() {
      cancel?.();
      setFor = -Infinity;
    },
  };
}
