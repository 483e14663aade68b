import { type Refusal, refuse } from "./reason.ts";
import { type Instant, unixSeconds } from "./time.ts";

/** The time in which a signed request counts as fresh. */
export interface Window {
  /** The receiver's clock; default: now. */
  readonly now?: Instant | undefined;
  /** How far the timestamp may be from `now`, either way; default 300, as Standard Webhooks has it. */
  readonly toleranceSeconds?: number | undefined;
}

/** @throws RangeError for a tolerance that is negative, endless or no number. */
export function checkTolerance(toleranceSeconds: number): void {
  if (!(toleranceSeconds >= 0 && toleranceSeconds < Infinity)) {
    throw new RangeError("Expected toleranceSeconds to be 0 or more.");
  }
}

/** Refuses a timestamp (Unix seconds) outside the window. @throws RangeError for a clock or tolerance that is none. */
export function checkTimestamp(
  timestamp: number,
  { now, toleranceSeconds = 300 }: Window,
): Refusal | undefined {
  checkTolerance(toleranceSeconds);
  const age = unixSeconds(now ?? Date.now()) - timestamp;
  if (age > toleranceSeconds) {
    return refuse(
      "timestamp_too_old",
      `Signed ${age} s ago; ${toleranceSeconds} s are allowed. Check both clocks.`,
    );
  }
  if (-age > toleranceSeconds) {
    return refuse(
      "timestamp_in_future",
      `Signed ${-age} s ahead; ${toleranceSeconds} s are allowed. Check both clocks.`,
    );
  }
  return undefined;
}
