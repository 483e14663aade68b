import { describeError } from "./describe-error.ts";
import { warn } from "./warn.ts";

/**
 * A report that cannot break what it reports on: what it throws, or rejects with when it is asynchronous, becomes a
 * process warning.
 */
export function guardReport<Report>(report: (report: Report) => unknown): (report: Report) => void {
  return (event) => {
    try {
      const result = report(event);
      if (result instanceof Promise) result.catch(warnOf);
    } catch (error) {
      warnOf(error);
    }
  };
}

function warnOf(error: unknown): void {
  warn(`A report failed: ${describeError(error)}`);
}
