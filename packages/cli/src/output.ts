import type { Io } from "./command.ts";

/** One JSON value, as programs and people can both read it. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Prints one JSON value. */
export function printJson(value: unknown, io: Io): void {
  io.print(formatJson(value));
}

/** `1 contract`, `2 contracts`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
