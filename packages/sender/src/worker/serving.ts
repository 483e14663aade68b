import { shardOf } from "../core/sharding.ts";
import type { OwnedShard, TakeFrom } from "../store.ts";
import { isClear, isResting, roomOf, takeFrom } from "./lane.ts";
import type { LaneTable } from "./lane-table.ts";

export interface NextRequest {
  readonly limit: number;
  /** How many places there are in all. */
  readonly concurrency: number;
  readonly owned: ReadonlyMap<number, OwnedShard>;
  readonly nowMs: number;
}

export interface OfferRequest extends OwnedShard {
  /** How many places there are. */
  readonly room: number;
  readonly nowMs: number;
}

/** All that wait share the room; whoever has more comes again, behind the others. */
export function nextOf(
  { ready, aside, laneOf, sleepers, trust }: LaneTable,
  { limit, concurrency, owned, nowMs }: NextRequest,
): readonly TakeFrom[] {
  const requests: TakeFrom[] = [];
  for (const endpoint of sleepers.awake(nowMs)) ready.add(endpoint);
  let unprovenLeft = trust.room(concurrency);
  for (const endpoint of removeFirst(aside, Math.min(limit, unprovenLeft))) ready.add(endpoint);
  const share = Math.max(1, Math.floor(limit / Math.max(1, ready.size)));
  let left = limit;
  for (const endpoint of ready) {
    if (left <= 0) break;
    const shard = owned.get(shardOf(endpoint));
    if (shard === undefined) {
      ready.delete(endpoint);
      continue;
    }
    const lane = laneOf(endpoint);
    // What is being published for it may be taken with that.
    if (lane.isTaking) continue;
    const { count, untilMs } = roomOf(lane, nowMs);
    if (count > 0 && isResting(lane, nowMs)) continue;
    ready.delete(endpoint);
    if (untilMs !== undefined) sleepers.add(endpoint, untilMs);
    lane.hasMore = count === 0 && untilMs === undefined;
    if (count === 0) continue;
    const room = Math.min(left, share, count, lane.isProven ? count : trust.shareOf(lane, unprovenLeft));
    if (room <= 0) {
      // It has its share until one of its own ends, or waits for a place of any other.
      if (unprovenLeft > 0) lane.hasMore = true;
      else aside.add(endpoint);
      continue;
    }
    left -= room;
    if (!lane.isProven) unprovenLeft -= room;
    requests.push(takeFrom(lane, { ...shard, room, nowMs }));
  }
  return requests;
}

function removeFirst(ids: Set<string>, count: number): readonly string[] {
  const first: string[] = [];
  for (const id of ids) {
    if (first.length >= count) break;
    ids.delete(id);
    first.push(id);
  }
  return first;
}

/** What may be taken of an endpoint of which nothing waits. */
export function offerOf(
  { lanes, ready, aside, sleepers }: LaneTable,
  endpoint: string,
  { room, nowMs, ...shard }: OfferRequest,
): TakeFrom | undefined {
  const lane = lanes.get(endpoint);
  const isWaiting = ready.has(endpoint) || aside.has(endpoint) || sleepers.has(endpoint);
  if (lane === undefined || isWaiting || !isClear(lane, nowMs)) return undefined;
  const count = Math.min(room, roomOf(lane, nowMs).count);
  return count <= 0 ? undefined : takeFrom(lane, { ...shard, room: count, nowMs });
}
