import type { PurgePosition, Retention } from "./store.ts";
import type { Chore } from "./worker/chores.ts";

export interface RetentionOptions {
  /**
   * How many days after it was published an event goes, with its deliveries and attempts, once all of its deliveries have
   * come to their end. 0: never. Default 90: long enough for a quarter's questions.
   */
  readonly days?: number;
}

export interface RetentionChoreOptions extends RetentionOptions {
  readonly store: Retention;
}

/** Few enough that the embedded store, where everybody waits for a commit, is busy for some milliseconds only. */
const BATCH = 200;
/** How long after the end of a sweep the next one begins. */
const PAUSE_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Sweeps through what is too old, a batch at a time, then rests. Throws a `RangeError` when `days` is not a number from 0
 * on: one below would remove what is new.
 */
export function createRetentionChore({ store, days = 90 }: RetentionChoreOptions): Chore {
  if (!Number.isFinite(days) || days < 0)
    throw new RangeError(`retention.days: expected a number of 0 or more, got ${days}`);
  let after: PurgePosition | undefined;
  let endedMs: number | undefined;
  return async (nowMs) => {
    // However far the clock is set back, it does not rest for longer than that.
    if (endedMs !== undefined && Math.abs(nowMs - endedMs) < PAUSE_MS) return false;
    const beforeMs = days === 0 ? 0 : nowMs - days * DAY_MS;
    const purged = await store.purge({ beforeMs, nowMs, limit: BATCH, after });
    after = purged.hasMore ? purged.after : undefined;
    endedMs = purged.hasMore ? undefined : nowMs;
    return purged.hasMore;
  };
}
