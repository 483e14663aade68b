import type { Timers } from "../worker/timers.ts";

export interface VirtualTimeOptions {
  /** Unix milliseconds. */
  readonly startMs: number;
  /** Resolves when nothing is under way that does not wait for time. */
  readonly idle: () => Promise<void>;
}

/** Time that passes when it is told to. */
export interface VirtualTime extends Timers {
  /** Unix milliseconds. */
  now(): number;
  /** Lets time pass, and everything happen that it brings, each at its moment. */
  advance(byMs: number): Promise<void>;
}

interface Call {
  readonly dueMs: number;
  readonly call: () => void;
}

export function createVirtualTime({ startMs, idle }: VirtualTimeOptions): VirtualTime {
  let nowMs = startMs;
  /** In the order in which they were asked for. */
  const calls = new Set<Call>();
  const next = (): Call | undefined => {
    let first: Call | undefined;
    for (const one of calls) if (first === undefined || one.dueMs < first.dueMs) first = one;
    return first;
  };
  return {
    now: () => nowMs,
    elapsed: () => nowMs - startMs,
    after(delayMs, call) {
      const one = { dueMs: nowMs + Math.max(0, Math.ceil(delayMs)), call };
      calls.add(one);
      return () => void calls.delete(one);
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await idle();
      for (let one = next(); one !== undefined && one.dueMs <= untilMs; one = next()) {
        calls.delete(one);
        nowMs = Math.max(nowMs, one.dueMs);
        one.call();
        await idle();
      }
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}
