import { afterOutcome, HEALTHY, isHealthy, isHopeless, sinceEnabled } from "../core/endpoint-health.ts";
import type { Endpoint } from "../core/model.ts";
import type { Announce } from "../operational-events.ts";
import { shardOf } from "../core/sharding.ts";
import type {
  Batch,
  DueEndpoint,
  HealthChange,
  HealthRecord,
  Settlement,
  TakeFrom,
  TakenDelivery,
} from "../store.ts";
import {
  end,
  isBusy,
  isChanged,
  isForgettable,
  isWorthKeeping,
  rememberedOf,
  start,
  type Lane,
} from "./lane.ts";
import { createLaneTable, type LaneTable } from "./lane-table.ts";
import { nextOf, offerOf, type NextRequest, type OfferRequest } from "./serving.ts";

/**
 * The worker's view of its endpoints: what each has in flight, how much it may have, how healthy it is, and which ones
 * have something due. Endpoints are served in turn, so that one with a long backlog waits like all others.
 */
export interface Lanes {
  /** Shards that were won just now, and what is known against endpoints of them. */
  adopt(shards: readonly number[], known: readonly HealthRecord[], nowMs: number): void;
  /** Shards that were handed over or lost. */
  leave(shards: readonly number[]): void;
  /** Something has been published for these endpoints, or there is more than there was room for. */
  wake(endpoints: Iterable<string>): void;
  /** Something is due for these endpoints, wherever it stands. */
  refresh(endpoints: Iterable<Pick<DueEndpoint, "id"> & Partial<DueEndpoint>>): void;
  /** The next endpoints to take from, each once, with room for `limit` deliveries in all. */
  next(request: NextRequest): readonly TakeFrom[];
  /** What may be taken of an endpoint of which nothing waits. Undefined where something does, or there is no room. */
  offer(endpoint: string, request: OfferRequest): TakeFrom | undefined;
  /** When `next` is to be asked again because time alone makes room; absent when it does not. */
  wakesAtMs(): number | undefined;
  /** Whether something is due for endpoints that rest or are offered, so that `next` is to be asked again in `REST_MS`. */
  isResting(): boolean;
  /** What came of `next` or `offer`; nothing when taking failed. */
  taken(from: readonly TakeFrom[], batch?: Batch): void;
  /** Counts a delivery as in flight and says where it goes. */
  started(delivery: TakenDelivery, nowMs: number): Endpoint;
  /** What an attempt says of its endpoint's health: it may be that it is to be disabled, and that its owner is told. */
  judged(settlement: Settlement, endpoint: Endpoint, nowMs: number): Settlement;
  /** What the store should know of the health of the endpoints of these settlements. */
  health(settlements: readonly Settlement[], nowMs: number): readonly HealthChange[];
  /** The store knows it. */
  kept(changes: readonly HealthChange[], nowMs: number): void;
  /** An attempt has ended; its place is free when that is recorded. */
  ended(delivery: TakenDelivery, succeeded: boolean, nowMs: number): void;
  /** What came of it is recorded. */
  settled(endpoint: string, delivery: string): void;
  /** How many are under way or wait to be recorded. */
  inFlight(): number;
  /**
   * How many more may go now, of so many that may be in flight at once; up to twice as many are while endpoints hang that
   * worked when theirs were begun, which are looked for first.
   */
  room(concurrency: number, nowMs: number): number;
  /** Whether something of a shard is in flight, or being taken. */
  isBusy(shard: number): boolean;
  /** Forgets endpoints that need not be remembered. */
  tidy(nowMs: number): void;
  /** What is remembered against endpoints that nothing was taken of for long. */
  remembered(nowMs: number): readonly HealthRecord[];
  /** Endpoints are gone of which this was remembered. Nothing is forgotten that was learned since. */
  gone(records: readonly HealthRecord[]): void;
}

/** Each takes memory, so there is an end to what those that hang may hold besides. */
const MOST_FACTOR = 2;

export function createLanes(announce: Announce = () => []): Lanes {
  const table = createLaneTable();
  const { lanes, laneOf, forget, ready, aside, sleepers, trust } = table;
  let inFlightCount = 0;
  /** Places kept for what has been asked for, or offered, and has not come yet. */
  let reserved = 0;
  const reserve = (from: readonly TakeFrom[]): void => {
    for (const { room } of from) reserved += room;
  };

  const wake = (endpoints: Iterable<string>): void => {
    for (const endpoint of endpoints) if (!sleepers.has(endpoint)) ready.add(endpoint);
  };
  return {
    ...healthOf(table, announce),
    ...servingOf(table, reserve),
    wake,
    refresh(endpoints) {
      for (const { id, revision = 0 } of endpoints) {
        const lane = laneOf(id);
        lane.isStale = true;
        lane.revision = Math.max(lane.revision, revision);
        if (!sleepers.has(id) || (isChanged(lane) && sleepers.delete(id))) ready.add(id);
      }
    },
    taken(from, batch) {
      for (const endpoint of batch?.endpoints ?? []) learn(laneOf(endpoint.id), endpoint);
      wake(batch?.more ?? []);
      for (const { endpoint, room } of from) {
        laneOf(endpoint).isTaking = false;
        reserved -= room;
      }
    },
    started(delivery, nowMs) {
      const lane = laneOf(delivery.endpoint);
      if (lane.endpoint === undefined)
        throw new Error(`A delivery of an endpoint that the store did not give: ${lane.id}`);
      start(lane, delivery, nowMs);
      trust.started(lane, delivery, nowMs);
      inFlightCount += 1;
      return lane.endpoint;
    },
    ended(delivery, succeeded, nowMs) {
      const lane = laneOf(delivery.endpoint);
      end(lane, succeeded);
      trust.ended(lane, delivery, succeeded ? nowMs : undefined);
      if (succeeded && aside.delete(lane.id)) ready.add(lane.id);
    },
    settled(endpoint, delivery) {
      const lane = laneOf(endpoint);
      lane.inFlight.delete(delivery);
      inFlightCount -= 1;
      if (sleepers.delete(endpoint) || lane.hasMore) ready.add(endpoint);
    },
    inFlight: () => inFlightCount,
    room(concurrency, nowMs) {
      trust.doubt(nowMs);
      const places = Math.min(concurrency + trust.beyond(concurrency), MOST_FACTOR * concurrency);
      return places - inFlightCount - reserved;
    },
    isBusy: (shard) => [...lanes.values()].some((lane) => isBusy(lane) && shardOf(lane.id) === shard),
    tidy(nowMs) {
      for (const lane of lanes.values()) if (isForgettable(lane, nowMs)) forget(lane.id);
    },
  };
}

function learn(lane: Lane, endpoint: Endpoint): void {
  lane.endpoint = endpoint;
  lane.revision = Math.max(lane.revision, endpoint.revision);
  lane.health = sinceEnabled(lane.health, endpoint.enabledAtMs);
}

function servingOf(
  table: LaneTable,
  reserve: (from: readonly TakeFrom[]) => void,
): Pick<Lanes, "next" | "offer" | "wakesAtMs" | "isResting"> {
  const { ready, sleepers } = table;
  return {
    next(request) {
      const from = nextOf(table, request);
      reserve(from);
      return from;
    },
    offer(endpoint, request) {
      const from = offerOf(table, endpoint, request);
      if (from !== undefined) reserve([from]);
      return from;
    },
    wakesAtMs: () => sleepers.nextMs,
    isResting: () => ready.size > 0,
  };
}

function healthOf(
  { lanes, laneOf, forget, servedSinceMs, sleepers }: LaneTable,
  announce: Announce,
): Pick<Lanes, "adopt" | "leave" | "judged" | "health" | "kept" | "remembered" | "gone"> {
  return {
    remembered: (nowMs) =>
      [...lanes.values()].flatMap((lane) => {
        const health = rememberedOf(lane, nowMs);
        return health === undefined ? [] : [{ endpoint: lane.id, health }];
      }),
    gone(records) {
      for (const { endpoint, health } of records) {
        const lane = lanes.get(endpoint);
        if (lane !== undefined && lane.kept === health && !isBusy(lane)) forget(endpoint);
      }
    },
    leave(shards) {
      const left = new Set(shards);
      for (const lane of lanes.values()) if (left.has(shardOf(lane.id)) && !isBusy(lane)) forget(lane.id);
    },
    adopt(shards, known, nowMs) {
      const won = new Set(shards);
      for (const shard of won) servedSinceMs[shard] = nowMs;
      for (const lane of lanes.values())
        if (won.has(shardOf(lane.id))) {
          Object.assign(lane, { health: HEALTHY, kept: undefined, bucket: { tokens: 0, atMs: nowMs } });
          sleepers.delete(lane.id);
        }
      for (const { endpoint, health } of known) Object.assign(laneOf(endpoint), { health, kept: health });
    },
    judged(settlement, endpoint, nowMs) {
      const lane = laneOf(endpoint.id);
      const { outcome } = settlement.attempt;
      const before = lane.health;
      const after = afterOutcome(before, { outcome, revision: endpoint.revision, nowMs });
      lane.health = after;
      const decided = isHopeless(after, nowMs) ? { disableEndpoint: "failing", ...settlement } : settlement;
      const announcements = announce({ settlement: decided, endpoint, before, after, nowMs });
      return announcements.length === 0 ? decided : { ...decided, announcements };
    },
    health(settlements, nowMs) {
      const asked = new Map(settlements.map(({ delivery }) => [delivery.endpoint, delivery]));
      return [...asked].flatMap(([endpoint, { shard, epoch }]) => {
        const lane = laneOf(endpoint);
        const health = isHealthy(lane.health) ? undefined : lane.health;
        return isWorthKeeping(lane, nowMs) ? [{ endpoint, shard, epoch, health }] : [];
      });
    },
    kept(changes, nowMs) {
      for (const { endpoint, health } of changes)
        Object.assign(laneOf(endpoint), { kept: health, keptAtMs: nowMs });
    },
  };
}
