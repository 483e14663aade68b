import { createContext, Script } from "node:vm";

export interface DeadlineOptions {
  readonly deadlineMs: number;
  /** So long nothing of a kind is run after one of it was ended. */
  readonly restMs: number;
  readonly now: () => number;
}

/** Runs a function of some kind. Throws what it throws, and when it is ended or not begun. */
export type WithinDeadline = <T>(kind: string, job: () => T) => T;

/**
 * Runs functions of somebody else, each to its end or to the deadline, whichever is first; past it, the function is ended
 * wherever it is, and run once more: a process that stood still looks the same. After the second time those of its kind
 * rest, so that many that hang do not stop the process one after the other.
 * `node:vm` is the way to end a loop of this very thread; it is no sandbox.
 */
export function createWithinDeadline({ deadlineMs, restMs, now }: DeadlineOptions): WithinDeadline {
  const place: { job?: () => unknown } = {};
  const context = createContext(place);
  const script = new Script("job()");
  const restUntilMs = new Map<string, number>();
  const runOnce = <T>(job: () => T): T => {
    place.job = job;
    try {
      // The script's value is what `job` returns.
      return script.runInContext(context, { timeout: deadlineMs }) as T;
    } finally {
      delete place.job;
    }
  };
  return <T>(kind: string, job: () => T): T => {
    if ((restUntilMs.get(kind) ?? 0) > now())
      throw new Error(`Not tried, because one of its kind did not end within ${deadlineMs} ms just now`);
    try {
      return runOnce(job);
    } catch (error) {
      if (!isTimeout(error)) throw error;
    }
    try {
      return runOnce(job);
    } catch (error) {
      if (isTimeout(error)) restUntilMs.set(kind, now() + restMs);
      throw error;
    }
  };
}

/** The error is one of the script's own context, so it is no instance of this one's `Error`. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
  );
}
