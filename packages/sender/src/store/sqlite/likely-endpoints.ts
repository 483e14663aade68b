import type { NewEvent, PublishResult } from "../../store.ts";
import { nameOfAudience } from "../audiences.ts";

/** Remembers which endpoints events go to. Which ones they are to go to is known only inside the transaction, in the thread. */
export interface LikelyEndpoints {
  /** Those that the last events of the same audiences went to; none where there are too many of them. */
  of(events: readonly NewEvent[]): readonly string[];
  learn(events: readonly NewEvent[], results: readonly PublishResult[]): void;
}

/** So many audiences are remembered; then it begins anew. */
const MOST_AUDIENCES = 10_000;
/** What goes to more endpoints than this is work for a batch. */
const MOST_ENDPOINTS = 32;

export function createLikelyEndpoints(): LikelyEndpoints {
  const audiences = new Map<string, readonly string[]>();
  return {
    of(events) {
      const endpoints = new Set<string>();
      for (const event of events)
        for (const endpoint of audiences.get(nameOfAudience(event)) ?? []) endpoints.add(endpoint);
      return endpoints.size > MOST_ENDPOINTS ? [] : [...endpoints];
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
