import { SHARD_COUNT, shardOf } from "../core/sharding.ts";
import { newLane, type Lane } from "./lane.ts";
import { createSleepers, type Sleepers } from "./sleepers.ts";
import { createTrust, type Trust } from "./trust.ts";

/** What a worker knows of its endpoints, and which of them wait for what. */
export interface LaneTable {
  readonly lanes: Map<string, Lane>;
  readonly laneOf: (id: string) => Lane;
  readonly forget: (id: string) => void;
  /** Since when each shard is served. */
  readonly servedSinceMs: number[];
  readonly ready: Set<string>;
  /** Those that may hang and found no place. */
  readonly aside: Set<string>;
  readonly sleepers: Sleepers;
  readonly trust: Trust;
}

export function createLaneTable(): LaneTable {
  const lanes = new Map<string, Lane>();
  const servedSinceMs = Array.from({ length: SHARD_COUNT }, () => 0);
  const sleepers = createSleepers();
  const laneOf = (id: string): Lane => {
    const known = lanes.get(id);
    if (known !== undefined) return known;
    const made = newLane(id, servedSinceMs[shardOf(id)] ?? 0);
    lanes.set(id, made);
    return made;
  };
  return {
    lanes,
    laneOf,
    forget(id) {
      lanes.delete(id);
      sleepers.delete(id);
    },
    servedSinceMs,
    ready: new Set(),
    aside: new Set(),
    sleepers,
    trust: createTrust(laneOf),
  };
}
