/** Warns as Node.js does, whose listeners hear of it; in a runtime without `process`, as its console does. */
export function warn(message: string): void {
  const { process, console } = globalThis as Partial<Pick<typeof globalThis, "process" | "console">>;
  if (typeof process?.emitWarning === "function") process.emitWarning(message, "HooksWarning");
  else console?.warn(`HooksWarning: ${message}`);
}
