/** Time as a worker waits for it. */
export interface Timers {
  /** Milliseconds since any moment, by a clock that nobody can set. */
  elapsed(): number;
  /** Calls once, after so long; what it gives back calls that off. */
  after(delayMs: number, call: () => void): () => void;
}

export const systemTimers: Timers = {
  elapsed: () => performance.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

export function sleep(timers: Timers, delayMs: number): Promise<void> {
  return new Promise((resolve) => void timers.after(delayMs, resolve));
}

/** Calls again and again, until what it gives back is called. */
export function every(timers: Timers, periodMs: number, call: () => void): () => void {
  let stop: (() => void) | undefined;
  const again = () => {
    stop = timers.after(periodMs, () => {
      again();
      call();
    });
  };
  again();
  return () => stop?.();
}
