import type { Statements } from "./sqlite-statements.ts";

/** An event, and who is to get it. */
export interface Debt {
  readonly key: number;
  /** None: the event waits for whoever claims first. */
  readonly destinations: readonly string[];
  readonly dueAtMs: number;
}

/** To be called within a transaction. */
export function owe(statements: Statements, { key, destinations, dueAtMs }: Debt): void {
  const names = destinations.length === 0 ? new Set([""]) : new Set(destinations);
  for (const destination of names) {
    statements.owe.run({ $event: key, $destination: destination, $dueAt: dueAtMs, $shares: names.size });
  }
}
