import type { Schedule } from "./schedule.ts";

/** What `nextDelayMs` takes. */
export interface NextDelayOptions {
  readonly schedule: Schedule;
  /** Attempts made so far: 0 before the first. */
  readonly attempts: number;
  /** The dice: gives numbers from 0 up to, not including, 1. */
  readonly random: () => number;
  /** How far the wait may be from the schedule, as a share of it, 0 to 1; default 0.2, so that retries spread out. */
  readonly jitter?: number | undefined;
  /** The least wait this outcome asks for, such as 60,000 after a timeout, 429 or 503; default 0. */
  readonly floorMs?: number | undefined;
  /** What the receiver asked for, from `parseRetryAfter`. */
  readonly retryAfterMs?: number | undefined;
}

const day = 24 * 60 * 60 * 1000;

/**
 * How long to wait before the next attempt, in whole milliseconds, or `undefined` when the schedule is used up.
 *
 * With base = the scheduled wait or `floorMs`, whichever is longer: the wait is spread evenly over base ± jitter, never
 * below `floorMs`. A `retryAfterMs` is obeyed from base up to twice base or 24 hours, whichever is less (never less than
 * base): the wait is then at least that long, and longer by at most the jitter; what asks for more gets the last
 * jitter's share of the limit.
 *
 * @throws RangeError for a jitter outside 0 to 1, or attempts, floor or Retry-After that are negative or no number.
 */
export function nextDelayMs(options: NextDelayOptions): number | undefined {
  const { schedule, attempts, random, jitter = 0.2, floorMs = 0, retryAfterMs } = options;
  const isSane = attempts >= 0 && jitter >= 0 && jitter <= 1 && floorMs >= 0 && (retryAfterMs ?? 0) >= 0;
  if (!isSane) throw new RangeError("Expected a jitter from 0 to 1, and attempts and waits of 0 or more.");
  const scheduled = schedule[attempts];
  if (scheduled === undefined) return undefined;
  const base = Math.max(scheduled, floorMs);
  const [low, high] =
    retryAfterMs === undefined
      ? [Math.max(base * (1 - jitter), floorMs), base * (1 + jitter)]
      : obey(retryAfterMs, base, jitter);
  return Math.ceil(low + (high - low) * random());
}

function obey(retryAfterMs: number, base: number, jitter: number): readonly [low: number, high: number] {
  const limit = Math.max(base, Math.min(2 * base, day));
  if (retryAfterMs >= limit) return [Math.max(base, limit * (1 - jitter)), limit];
  const asked = Math.max(base, retryAfterMs);
  return [asked, Math.min(asked * (1 + jitter), limit)];
}
