/** What was started and has to end, whatever happens. */
export interface Scope {
  /** Takes note of something that has been started. */
  add<T extends { stop(): Promise<unknown> | void }>(started: T): T;
  /** Stops all of it, the last first. Rejects with the first failure, but only after it has tried everything. */
  stop(): Promise<void>;
}

export function createScope(): Scope {
  const started: { stop(): Promise<unknown> | void }[] = [];
  return {
    add: (one) => {
      started.push(one);
      return one;
    },
    stop: async () => {
      const failures: unknown[] = [];
      for (const one of started.splice(0).toReversed()) {
        try {
          await one.stop();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
