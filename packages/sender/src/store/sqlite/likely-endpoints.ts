import type { NewEvent, PublishResult } from "../../store.ts";
import { nameOfAudience } from "../audiences.ts";

/** Remembers which endpoints events go to. Which ones they are to go to is known only inside the transaction, in the thread. */
export interface LikelyEndpoints {
  /**
   * Those that the last events of the same audiences went to, and how many of these events each gets by that; none where
   * there are too many of them.
   */
  of(events: readonly NewEvent[]): ReadonlyMap<string, number>;
  learn(events: readonly NewEvent[], results: readonly PublishResult[]): void;
}

const NONE: ReadonlyMap<string, number> = new Map();

/** So many audiences are remembered; then it begins anew. */
const MOST_AUDIENCES = 10_000;
/** What goes to more endpoints than this is work for a batch. */
const MOST_ENDPOINTS = 32;

export function createLikelyEndpoints(): LikelyEndpoints {
  const audiences = new Map<string, readonly string[]>();
  return {
    of(events) {
      const counts = new Map<string, number>();
      for (const event of events)
        for (const endpoint of audiences.get(nameOfAudience(event)) ?? [])
          counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
      return counts.size > MOST_ENDPOINTS ? NONE : counts;
    },
    learn(events, results) {
      for (const [index, event] of events.entries()) {
        const result = results[index];
        if (result?.kind !== "published" || result.duplicate) continue;
        if (audiences.size >= MOST_AUDIENCES) audiences.clear();
        audiences.set(nameOfAudience(event), result.endpoints.slice(0, MOST_ENDPOINTS + 1));
      }
    },
  };
}
