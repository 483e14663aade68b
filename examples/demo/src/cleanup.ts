/** What has been started so far, to be ended in reverse. */
export interface Cleanup {
  add(end: () => Promise<void>): void;
  /** Ends everything, also when called again meanwhile. What cannot be ended does not keep the rest. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const ends: (() => Promise<void>)[] = [];
  const endAll = async () => {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end().catch(() => {});
  };
  let running: Promise<void> | undefined;
  return {
    add: (end) => void ends.push(end),
    run: () => (running ??= endAll()),
  };
}
