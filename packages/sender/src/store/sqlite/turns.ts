/**
 * SQLite has one writer: within a process, two connections to a database take turns instead of finding it busy. Work of one
 * side may go together, as its connection puts it in order; who waits for the other side is not passed by those who come
 * later.
 */
export interface Turns {
  /** Runs alone. */
  alone<T>(work: () => T | Promise<T>): Promise<T>;
  /** Runs together with others that do. */
  together<T>(work: () => T | Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  /** Ends with the last that runs, or waits to run, alone. */
  let lastAlone: Promise<unknown> = Promise.resolve();
  /** Those that came after that. */
  const company = new Set<Promise<unknown>>();
  return {
    alone(work) {
      const turn = Promise.all([lastAlone, ...company]).then(work);
      lastAlone = turn.catch(ignore);
      company.clear();
      return turn;
    },
    together(work) {
      const turn = lastAlone.then(work);
      const ended = turn.then(ignore, ignore);
      company.add(ended);
      void ended.then(() => company.delete(ended));
      return turn;
    },
  };
}

function ignore(): void {}
