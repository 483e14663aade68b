import { setTimeout as wait } from "node:timers/promises";

export interface UntilOptions {
  /** Milliseconds after which it gives up. Default 60,000: a machine that stalls must not fail a test. */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
  /** What was waited for; said in the error. */
  readonly what?: string;
}

/**
 * Looks again and again until `look` gives something other than `undefined`, `false` or `null`, and returns that.
 * What `look` throws counts as "not yet". Throws when the time is over.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { timeoutMs = 60_000, everyMs = 10, what = "the condition" }: UntilOptions = {},
): Promise<Exclude<T, undefined | false | null>> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const seen = await look();
      // The comparison excludes what the return type excludes; the compiler cannot follow it for a type parameter.
      if (seen !== undefined && seen !== false && seen !== null) {
        return seen as Exclude<T, undefined | false | null>;
      }
    } catch (error) {
      last = error;
    }
    await wait(everyMs);
  }
  throw new Error(`${what} did not come true within ${timeoutMs} ms`, { cause: last });
}
