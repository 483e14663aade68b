import { adjustConcurrency, MAX_CONCURRENCY } from "../core/concurrency.ts";
import type { Endpoint } from "../core/model.ts";
import type { OwnedShard, Position, TakeFrom, TakenDelivery } from "../store.ts";

/** What a worker knows of one endpoint. */
export interface Lane {
  readonly id: string;
  readonly inFlight: Set<string>;
  /** As it was last seen. */
  endpoint: Endpoint | undefined;
  concurrency: number;
  /** There is, or may be, more due than what is in flight. */
  hasMore: boolean;
  /** It has been asked for deliveries and they have not come yet. */
  isTaking: boolean;
  /** When it was last asked. */
  takenMs: number;
  /** The last that was taken; taking goes on after it. */
  last: Position | undefined;
  /** Something may have come due before `last` (a retry, a publisher whose clock is behind): begin at the start. */
  isStale: boolean;
}

export function newLane(id: string): Lane {
  return {
    id,
    inFlight: new Set(),
    endpoint: undefined,
    concurrency: MAX_CONCURRENCY,
    hasMore: false,
    isTaking: false,
    takenMs: 0,
    last: undefined,
    isStale: true,
  };
}

/** How many more it may have in flight. */
export function roomOf({ concurrency, inFlight }: Lane): number {
  return Math.max(0, concurrency - inFlight.size);
}

/** Fast endpoints are taken from at most so often, unless half their places are free: one read then fetches several. */
export const REST_MS = 50;

export function isResting(lane: Lane, nowMs: number): boolean {
  return roomOf(lane) < lane.concurrency / 2 && nowMs - lane.takenMs < REST_MS;
}

interface Taking extends OwnedShard {
  readonly room: number;
  readonly nowMs: number;
}

/** Asks for up to `room` of its deliveries. */
export function takeFrom(lane: Lane, { room, nowMs, ...shard }: Taking): TakeFrom {
  if (lane.isStale) lane.last = undefined;
  const { id, inFlight, last, endpoint } = lane;
  lane.isTaking = true;
  lane.takenMs = nowMs;
  lane.isStale = false;
  return {
    ...shard,
    endpoint: id,
    room,
    inFlight,
    after: last,
    knownRevision: endpoint?.revision,
  };
}

export function start(lane: Lane, { id, dueMs }: TakenDelivery): void {
  lane.inFlight.add(id);
  if (lane.last === undefined || isAfter({ dueMs, id }, lane.last)) lane.last = { dueMs, id };
}

/** `succeeded`: the attempt was answered as it should be. */
export function finish(lane: Lane, delivery: string, succeeded: boolean): void {
  lane.inFlight.delete(delivery);
  lane.concurrency = adjustConcurrency(lane.concurrency, succeeded);
}

export function isBusy({ inFlight, isTaking }: Lane): boolean {
  return inFlight.size > 0 || isTaking;
}

/** Whether nothing is lost by forgetting it. */
export function isForgettable(lane: Lane): boolean {
  return !isBusy(lane) && !lane.hasMore && lane.concurrency === MAX_CONCURRENCY;
}

function isAfter(one: Position, other: Position): boolean {
  return one.dueMs > other.dueMs || (one.dueMs === other.dueMs && one.id > other.id);
}
