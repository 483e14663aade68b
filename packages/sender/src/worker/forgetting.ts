import { shardOf } from "../core/sharding.ts";
import { troubleOf, type Report } from "../report.ts";
import type { Store } from "../store.ts";
import type { Lanes } from "./lanes.ts";

export interface ForgettingOptions {
  readonly store: Pick<Store, "health">;
  readonly lanes: Pick<Lanes, "remembered" | "gone">;
  readonly now: () => number;
  readonly report: Report;
}

/**
 * Forgets endpoints that failed and were removed: nobody tells a worker of a removal, and what is known against an endpoint
 * that is still there must not be forgotten, however long it is idle.
 */
export interface Forgetting {
  /** Looks through one shard, each time another. Never throws. */
  look(): Promise<void>;
}

export function createForgetting({ store, lanes, now, report }: ForgettingOptions): Forgetting {
  let last = -1;
  return {
    async look() {
      const idle = lanes.remembered(now()).map((record) => ({ ...record, shard: shardOf(record.endpoint) }));
      const shards = idle.map(({ shard }) => shard);
      const later = shards.filter((shard) => shard > last);
      // The first of none is that of all, again.
      last = lowest(later.length > 0 ? later : shards);
      if (shards.length === 0) return;
      try {
        const known = new Set((await store.health([last])).map(({ endpoint }) => endpoint));
        lanes.gone(idle.filter(({ shard, endpoint }) => shard === last && !known.has(endpoint)));
      } catch (error) {
        report(troubleOf("lease", error));
      }
    },
  };
}

function lowest(shards: readonly number[]): number {
  let found = Infinity;
  for (const shard of shards) found = Math.min(found, shard);
  return Number.isFinite(found) ? found : -1;
}
