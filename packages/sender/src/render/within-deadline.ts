import { createContext, Script } from "node:vm";

/**
 * Runs a function of somebody else, to its end or to the deadline, whichever is first; past it, the function is
 * terminated wherever it is and an error is thrown. `node:vm` is the way to end a loop of this very thread; it is no
 * sandbox.
 */
export function createWithinDeadline(deadlineMs: number): <T>(job: () => T) => T {
  const place: { job?: () => unknown } = {};
  const context = createContext(place);
  const script = new Script("job()");
  return <T>(job: () => T): T => {
    place.job = job;
    try {
      // The script's value is what `job` returns.
      return script.runInContext(context, { timeout: deadlineMs }) as T;
    } finally {
      delete place.job;
    }
  };
}
