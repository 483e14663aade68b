/** Lets waiters of this process know that there is something to do. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at once when it rang since the last wait, after the time, or when aborted. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let rang = false;
  const waiters = new Set<() => void>();
  return {
    ring: () => {
      rang = waiters.size === 0;
      for (const wake of waiters) wake();
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
