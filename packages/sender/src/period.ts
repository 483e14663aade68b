import { SenderError } from "./errors.ts";

/** From when on, and before when, in Unix milliseconds. */
export interface Period {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** The last day that a `Date` knows. */
const LAST_MS = 8_640_000_000_000_000;

/** Throws a `SenderError` where one of the two is no time, or the end is not after the beginning. */
export function checkPeriod({ fromMs, toMs }: Period): void {
  for (const [name, timeMs] of Object.entries({ from: fromMs, to: toMs }))
    if (timeMs !== undefined && !(Number.isInteger(timeMs) && timeMs >= 0 && timeMs <= LAST_MS))
      refuse(`/${name}`, "Expected a time since 1970");
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs)
    refuse("/to", "Expected a time after `from`");
}

function refuse(pointer: string, message: string): never {
  const issues = [{ pointer, code: "validation_failed", message }];
  throw new SenderError("validation_failed", message, { issues });
}
