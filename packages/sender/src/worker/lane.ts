import { adjustConcurrency, MAX_CONCURRENCY } from "../core/concurrency.ts";
import {
  admittanceOf,
  HEALTHY,
  isHealthy,
  whileProbing,
  type EndpointHealth,
} from "../core/endpoint-health.ts";
import type { Endpoint } from "../core/model.ts";
import { refill, waitMsFor, type TokenBucket } from "../core/rate-limit.ts";
import type { OwnedShard, Position, TakeFrom, TakenDelivery } from "../store.ts";

/** What a worker knows of one endpoint. */
export interface Lane {
  readonly id: string;
  /** Taken and not settled: under way, or waiting to be recorded. */
  readonly inFlight: Set<string>;
  /** How many attempts are being made. */
  underWay: number;
  /** How many of these were begun while it was not known to work. */
  trials: number;
  /** As it was last seen. */
  endpoint: Endpoint | undefined;
  /** The newest revision that was heard of. */
  revision: number;
  health: EndpointHealth;
  /** What the store remembers of its health, and since when. */
  kept: EndpointHealth | undefined;
  keptAtMs: number;
  bucket: TokenBucket;
  concurrency: number;
  /** Its last attempt was answered as it should be, and none takes long since: it does not hang. */
  isProven: boolean;
  /** When one was last answered so. */
  answeredMs: number;
  /** There is, or may be, more due than what is in flight. */
  hasMore: boolean;
  /** It has been asked for deliveries, or they are offered to be taken, and they have not come yet. */
  isTaking: boolean;
  /** When it was last asked. */
  takenMs: number;
  /** The last that was taken; taking goes on after it. */
  last: Position | undefined;
  /** Something may have come due before `last` (a retry, a publisher whose clock is behind): begin at the start. */
  isStale: boolean;
}

/** `sinceMs`: since when this worker serves it. What it was sent before by others is not known, so its bucket was empty. */
export function newLane(id: string, sinceMs: number): Lane {
  return {
    id,
    inFlight: new Set(),
    underWay: 0,
    trials: 0,
    endpoint: undefined,
    revision: 0,
    health: HEALTHY,
    kept: undefined,
    keptAtMs: 0,
    bucket: { tokens: 0, atMs: sinceMs },
    concurrency: MAX_CONCURRENCY,
    isProven: false,
    answeredMs: 0,
    hasMore: false,
    isTaking: false,
    takenMs: 0,
    last: undefined,
    isStale: true,
  };
}

/** How many more may go now; where there is none and time alone makes room, when. */
export interface Room {
  readonly count: number;
  readonly untilMs?: number;
}

export function roomOf(lane: Lane, nowMs: number): Room {
  const admittance = admittanceOf(lane.health, nowMs);
  if (admittance.kind === "none" && !isChanged(lane)) return { count: 0, untilMs: admittance.untilMs };
  const isAny = admittance.kind === "any";
  const isKnown = lane.endpoint !== undefined && lane.endpoint.revision >= lane.revision;
  // Of one that is not known as it is now, nobody knows how much it wants.
  const most = isAny && isKnown ? placesOf(lane) : 1;
  const allowed = isAny || lane.inFlight.size === 0 ? Math.min(most, placesOf(lane)) : 0;
  const limit = isKnown ? lane.endpoint?.rateLimit : undefined;
  if (limit === undefined || allowed === 0) return { count: allowed };
  lane.bucket = refill(lane.bucket, limit, nowMs);
  const worthwhile = Math.min(allowed, Math.max(1, (limit.perSecond * REST_MS) / 1_000));
  const waitMs = waitMsFor(worthwhile, lane.bucket, limit);
  if (waitMs > 0) return { count: 0, untilMs: nowMs + waitMs };
  return { count: Math.min(allowed, Math.max(1, Math.floor(lane.bucket.tokens))) };
}

/** Whether somebody has changed it since it was found failing: one may then go to see whether it works. */
export function isChanged({ revision, health }: Lane): boolean {
  return revision > health.revision;
}

/** A place is free when what came of its attempt is recorded, not when it ends: a crash sends again whatever is not. */
function placesOf({ concurrency, inFlight }: Lane): number {
  return Math.max(0, concurrency - inFlight.size);
}

/** Fast endpoints are taken from at most so often, unless a fifth of their places is free: one read then fetches several. */
export const REST_MS = 50;

export function isResting(lane: Lane, nowMs: number): boolean {
  return placesOf(lane) < lane.concurrency / 5 && nowMs - lane.takenMs < REST_MS;
}

interface Taking extends OwnedShard {
  readonly room: number;
  readonly nowMs: number;
}

/**
 * Publishing several at once, one may be kept after another that is due later and was taken already. What came due within
 * this time is looked through once more; what took longer is found by a scan.
 */
export const OVERTAKEN_MS = 200;

/** Where to go on after what was taken last. */
function startAfter({ last, isStale }: Lane, nowMs: number): Position | undefined {
  if (last === undefined || isStale) return undefined;
  const dueMs = nowMs - OVERTAKEN_MS;
  return last.dueMs < dueMs ? last : { dueMs, id: "" };
}

/** Asks for up to `room` of its deliveries. */
export function takeFrom(lane: Lane, { room, nowMs, ...shard }: Taking): TakeFrom {
  const after = startAfter(lane, nowMs);
  if (lane.isStale) lane.last = undefined;
  const { id, inFlight, endpoint } = lane;
  lane.isTaking = true;
  lane.takenMs = nowMs;
  lane.isStale = false;
  return {
    ...shard,
    endpoint: id,
    room,
    inFlight,
    after,
    knownRevision: endpoint?.revision,
  };
}

/** Whether it is known as it is now, works, and nothing of it waits: what comes next may go at once. */
export function isClear(lane: Lane, nowMs: number): boolean {
  const { endpoint, isProven, isTaking, isStale, hasMore, revision } = lane;
  const isKnown = endpoint !== undefined && endpoint.revision >= revision;
  return isKnown && isProven && !isTaking && !isStale && !hasMore && !isResting(lane, nowMs);
}

export function start(lane: Lane, { id, dueMs }: TakenDelivery, nowMs: number): void {
  if (lane.health.breaker.kind !== "closed") lane.health = whileProbing(lane.health, nowMs);
  const limit = lane.endpoint?.rateLimit;
  if (limit !== undefined) {
    const { tokens, atMs } = refill(lane.bucket, limit, nowMs);
    lane.bucket = { tokens: tokens - 1, atMs };
  }
  lane.inFlight.add(id);
  lane.underWay += 1;
  if (lane.last === undefined || isAfter({ dueMs, id }, lane.last)) lane.last = { dueMs, id };
}

/** An attempt has ended. `succeeded`: it was answered as it should be. */
export function end(lane: Lane, succeeded: boolean): void {
  lane.underWay -= 1;
  lane.concurrency = adjustConcurrency(lane.concurrency, succeeded);
}

export function isBusy({ inFlight, isTaking }: Lane): boolean {
  return inFlight.size > 0 || isTaking;
}

/** How long a lane is kept that nothing is taken from: what is known of its endpoint need not be fetched again. */
const IDLE_MS = 60_000;

/** Whether nothing is lost by forgetting it. */
export function isForgettable(lane: Lane, nowMs: number): boolean {
  if (isBusy(lane) || !isHealthy(lane.health) || lane.kept !== undefined) return false;
  const limit = lane.endpoint?.rateLimit;
  const isFull = limit === undefined || refill(lane.bucket, limit, nowMs).tokens >= limit.burst;
  return isFull && nowMs - lane.takenMs >= IDLE_MS;
}

/** What the store was told of its health a while ago, or told itself, if nothing came after that. */
export function rememberedOf(lane: Lane, nowMs: number): EndpointHealth | undefined {
  const isIdle = !isBusy(lane) && nowMs - Math.max(lane.takenMs, lane.keptAtMs) >= IDLE_MS;
  return isIdle ? lane.kept : undefined;
}

/** While an endpoint goes on failing, this is written down at most so often; what was not is lost in a crash. */
const KEEP_EVERY_MS = 1_000;

/** Whether the store should know of its health: every transition of the breaker, and every end of a row of failures. */
export function isWorthKeeping({ health, kept, keptAtMs }: Lane, nowMs: number): boolean {
  if (isHealthy(health)) return kept !== undefined;
  if (health.breaker.kind !== (kept?.breaker.kind ?? "closed")) return true;
  if (health.failures < (kept?.failures ?? 0)) return true;
  return health !== kept && nowMs - keptAtMs >= KEEP_EVERY_MS;
}

function isAfter(one: Position, other: Position): boolean {
  return one.dueMs > other.dueMs || (one.dueMs === other.dueMs && one.id > other.id);
}
