/**
 * Time as this process has had it: it stands still while the machine is busy with others and does not let it run. What is
 * promised within a time can be held to it on a machine that does other things as well.
 */
export interface OwnTime {
  /** Milliseconds. */
  now(): number;
  stop(): void;
}

const TICK_MS = 10;

/** A process that runs is called this often; whatever is more, it did not run. */
export function startOwnTime(): OwnTime {
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), TICK_MS);
  return { now: () => ticks * TICK_MS, stop: () => clearInterval(timer) };
}
