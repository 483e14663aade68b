import type { Io } from "./command.ts";

/** Prints one JSON value, as programs and people can both read it. */
export function printJson(value: unknown, io: Io): void {
  io.print(`${JSON.stringify(value, null, 2)}\n`);
}

/** `1 contract`, `2 contracts`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
