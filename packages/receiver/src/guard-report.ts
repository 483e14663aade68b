import { emitWarning } from "node:process";

/**
 * A report that cannot break what it reports on: what it throws, or rejects with when it is asynchronous, becomes a
 * process warning.
 */
export function guardReport<Report>(report: (report: Report) => unknown): (report: Report) => void {
  return (event) => {
    try {
      const result = report(event);
      if (result instanceof Promise) result.catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}

function warn(error: unknown): void {
  emitWarning(`A report failed: ${String(error)}`, "HooksWarning");
}
