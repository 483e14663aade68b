import { adjustConcurrency, MAX_CONCURRENCY } from "../core/concurrency.ts";
import { shardOf } from "../core/sharding.ts";
import type { OwnedShard, TakeFrom } from "../store.ts";

interface Lane {
  readonly endpoint: string;
  readonly inFlight: Set<string>;
  concurrency: number;
  /** There is, or may be, more due than what is in flight. */
  hasMore: boolean;
}

/**
 * The worker's view of its endpoints: what each has in flight, how much it may have, and which ones have something due.
 * Endpoints are served in turn, so that one with a long backlog waits like all others.
 */
export interface Lanes {
  /** Something is, or may be, due for these endpoints. */
  wake(endpoints: Iterable<string>): void;
  /** The next endpoints to take from, each once, with room for `limit` deliveries in all. */
  next(limit: number, owned: ReadonlyMap<number, OwnedShard>): readonly TakeFrom[];
  started(endpoint: string, delivery: string): void;
  settled(endpoint: string, delivery: string, succeeded: boolean): void;
  inFlight(): number;
  /** Whether something of a shard is in flight. */
  isBusy(shard: number): boolean;
}

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>();
  const ready = new Set<string>();
  let inFlightCount = 0;

  const laneOf = (endpoint: string): Lane => {
    let lane = lanes.get(endpoint);
    if (lane === undefined) {
      lane = { endpoint, inFlight: new Set(), concurrency: MAX_CONCURRENCY, hasMore: false };
      lanes.set(endpoint, lane);
    }
    return lane;
  };
  const forgetIfIdle = (lane: Lane): void => {
    if (lane.inFlight.size === 0 && !lane.hasMore && lane.concurrency === MAX_CONCURRENCY)
      lanes.delete(lane.endpoint);
  };

  return {
    wake(endpoints) {
      for (const endpoint of endpoints) ready.add(endpoint);
    },
    next(limit, owned) {
      const requests: TakeFrom[] = [];
      let left = limit;
      // All that wait share the room; whoever has more comes again.
      const share = Math.max(1, Math.floor(limit / Math.max(1, ready.size)));
      for (const endpoint of ready) {
        if (left <= 0) break;
        ready.delete(endpoint);
        const shard = owned.get(shardOf(endpoint));
        if (shard === undefined) continue;
        const lane = laneOf(endpoint);
        const room = Math.min(left, share, lane.concurrency - lane.inFlight.size);
        lane.hasMore = room <= 0;
        if (room <= 0) continue;
        left -= room;
        requests.push({ ...shard, endpoint, room, inFlight: lane.inFlight });
      }
      return requests;
    },
    started(endpoint, delivery) {
      laneOf(endpoint).inFlight.add(delivery);
      inFlightCount += 1;
    },
    settled(endpoint, delivery, succeeded) {
      const lane = laneOf(endpoint);
      if (lane.inFlight.delete(delivery)) inFlightCount -= 1;
      lane.concurrency = adjustConcurrency(lane.concurrency, succeeded);
      if (lane.hasMore) ready.add(endpoint);
      forgetIfIdle(lane);
    },
    inFlight: () => inFlightCount,
    isBusy: (shard) =>
      [...lanes.values()].some(({ endpoint, inFlight }) => inFlight.size > 0 && shardOf(endpoint) === shard),
  };
}
