/** What is let through only while something is done. */
export interface Gate {
  /** Resolves at once while it is open, and otherwise when it is opened. */
  opened(): Promise<void>;
  during<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(): Gate {
  let open = 0;
  let waiting: (() => void)[] = [];
  return {
    opened: () => (open > 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
    async during(work) {
      open += 1;
      const now = waiting;
      waiting = [];
      for (const go of now) go();
      try {
        return await work();
      } finally {
        open -= 1;
      }
    },
  };
}
