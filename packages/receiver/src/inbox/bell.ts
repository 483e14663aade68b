import type { Names } from "../inbox.ts";

/** Lets waiters of this process know that there is something to do, and where. */
export interface Bell {
  /** @param source Where; none: somebody has to look. */
  ring(source?: string): void;
  /** Resolves at the next ring, at once when it rang since the last wait, after the time, or when aborted. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** For which of these it rang since they were asked for the last time. */
  rungFor(sources: Names): readonly string[];
}

export function createBell(): Bell {
  let rang = false;
  const rung = new Set<string>();
  const waiters = new Set<() => void>();
  return {
    ring: (source) => {
      if (source !== undefined) rung.add(source);
      rang = waiters.size === 0;
      for (const wake of waiters) wake();
    },
    rungFor: (sources) => {
      const asked = [...rung].filter((source) => sources.has(source));
      for (const source of asked) rung.delete(source);
      return asked;
    },
    wait: (timeoutMs, signal) =>
      new Promise((resolve) => {
        if (rang || signal?.aborted === true) {
          rang = false;
          resolve();
          return;
        }
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", wake);
          waiters.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        signal?.addEventListener("abort", wake, { once: true });
        waiters.add(wake);
      }),
  };
}
