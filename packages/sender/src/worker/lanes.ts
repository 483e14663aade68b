import type { Endpoint } from "../core/model.ts";
import { shardOf } from "../core/sharding.ts";
import type { Batch, OwnedShard, TakeFrom, TakenDelivery } from "../store.ts";
import {
  finish,
  isBusy,
  isForgettable,
  isResting,
  newLane,
  roomOf,
  start,
  takeFrom,
  type Lane,
} from "./lane.ts";

/**
 * The worker's view of its endpoints: what each has in flight, how much it may have, and which ones have something due.
 * Endpoints are served in turn, so that one with a long backlog waits like all others.
 */
export interface Lanes {
  /** Something has been published for these endpoints, or there is more than there was room for. */
  wake(endpoints: Iterable<string>): void;
  /** Something is due for these endpoints, wherever it stands. */
  refresh(endpoints: Iterable<string>): void;
  /** The next endpoints to take from, each once, with room for `limit` deliveries in all. */
  next(request: NextRequest): readonly TakeFrom[];
  /** Whether something is due for endpoints that rest, so that `next` is to be asked again in `REST_MS`. */
  isResting(): boolean;
  /** What came of `next`; nothing when taking failed. */
  taken(from: readonly TakeFrom[], batch?: Batch): void;
  /** Counts a delivery as in flight and says where it goes. */
  started(delivery: TakenDelivery): Endpoint;
  settled(endpoint: string, delivery: string, succeeded: boolean): void;
  inFlight(): number;
  /** Whether something of a shard is in flight, or being taken. */
  isBusy(shard: number): boolean;
}

export interface NextRequest {
  readonly limit: number;
  readonly owned: ReadonlyMap<number, OwnedShard>;
  readonly nowMs: number;
}

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>();
  const ready = new Set<string>();
  let inFlightCount = 0;

  const laneOf = (id: string): Lane => {
    const lane = lanes.get(id) ?? newLane(id);
    lanes.set(id, lane);
    return lane;
  };
  const forgetIfIdle = (lane: Lane): void => {
    if (isForgettable(lane)) lanes.delete(lane.id);
  };
  const wake = (endpoints: Iterable<string>): void => {
    for (const endpoint of endpoints) ready.add(endpoint);
  };

  return {
    wake,
    refresh(endpoints) {
      for (const endpoint of endpoints) {
        laneOf(endpoint).isStale = true;
        ready.add(endpoint);
      }
    },
    next: (request) => nextOf({ ready, laneOf, forgetIfIdle }, request),
    isResting: () => ready.size > 0,
    taken(from, batch) {
      for (const endpoint of batch?.endpoints ?? []) laneOf(endpoint.id).endpoint = endpoint;
      wake(batch?.more ?? []);
      for (const { endpoint } of from) {
        const lane = laneOf(endpoint);
        lane.isTaking = false;
        const hasCome = batch?.deliveries.some((delivery) => delivery.endpoint === endpoint) === true;
        if (!hasCome) forgetIfIdle(lane);
      }
    },
    started(delivery) {
      const lane = laneOf(delivery.endpoint);
      if (lane.endpoint === undefined)
        throw new Error(`A delivery of an endpoint that the store did not give: ${lane.id}`);
      start(lane, delivery);
      inFlightCount += 1;
      return lane.endpoint;
    },
    settled(endpoint, delivery, succeeded) {
      const lane = laneOf(endpoint);
      finish(lane, delivery, succeeded);
      inFlightCount -= 1;
      if (lane.hasMore) ready.add(endpoint);
      forgetIfIdle(lane);
    },
    inFlight: () => inFlightCount,
    isBusy: (shard) => [...lanes.values()].some((lane) => isBusy(lane) && shardOf(lane.id) === shard),
  };
}

interface Waiting {
  readonly ready: Set<string>;
  readonly laneOf: (id: string) => Lane;
  readonly forgetIfIdle: (lane: Lane) => void;
}

/** All that wait share the room; whoever has more comes again, behind the others. */
function nextOf(
  { ready, laneOf, forgetIfIdle }: Waiting,
  { limit, owned, nowMs }: NextRequest,
): readonly TakeFrom[] {
  const requests: TakeFrom[] = [];
  const share = Math.max(1, Math.floor(limit / Math.max(1, ready.size)));
  let left = limit;
  for (const endpoint of ready) {
    if (left <= 0) break;
    const lane = laneOf(endpoint);
    const room = Math.min(left, share, roomOf(lane));
    if (room > 0 && isResting(lane, nowMs)) continue;
    ready.delete(endpoint);
    lane.hasMore = room === 0;
    const shard = owned.get(shardOf(endpoint));
    if (shard === undefined) forgetIfIdle(lane);
    if (shard === undefined || room === 0) continue;
    left -= room;
    requests.push(takeFrom(lane, { ...shard, room, nowMs }));
  }
  return requests;
}
