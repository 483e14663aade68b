import type { DeliveryState, Endpoint } from "./model.ts";
import { takes } from "./subscription.ts";

/** `running` and `paused` become each other; `finished` (dealt with all it selects) and `cancelled` are for good. */
export type ReplayState = "running" | "paused" | "finished" | "cancelled";

export const REPLAY_STATES: readonly ReplayState[] = ["running", "paused", "finished", "cancelled"];

export type FinishedState = Exclude<DeliveryState, "scheduled">;

export const FINISHED_STATES: readonly FinishedState[] = ["delivered", "dead", "cancelled"];

/** Which deliveries are sent again. */
export interface ReplayFilter {
  /** Whose endpoints. */
  readonly subscriber: string;
  /** Only this one of them. */
  readonly endpoint?: string;
  /** Exact types or `resource.*`; empty for all. */
  readonly eventTypes: readonly string[];
  readonly states: readonly FinishedState[];
  /** Of events that were published at this time or later. */
  readonly fromMs?: number;
  /** Of events that were published before this time. */
  readonly toMs: number;
}

/** A job that sends deliveries again which have come to their end. */
export interface Replay {
  readonly id: string;
  readonly filter: ReplayFilter;
  /** How many a second at the most; absent for as fast as endpoints take them. */
  readonly perSecond?: number;
  readonly state: ReplayState;
  /** How many deliveries there were to be sent again when it was made. */
  readonly selected: number;
  /** False where counting was given up: there were more. */
  readonly isCounted: boolean;
  /** How many it has made due again. */
  readonly replayed: number;
  /** How many it has passed over, because they cannot be rendered for their endpoint. */
  readonly skipped: number;
  readonly createdAtMs: number;
  readonly finishedAtMs?: number;
}

export function isOver({ state }: Pick<Replay, "state">): boolean {
  return state === "finished" || state === "cancelled";
}

export interface Candidate {
  readonly state: DeliveryState;
  readonly eventType: string;
  readonly createdAtMs: number;
}

/** Whether a delivery of one of its endpoints is to be sent again. */
export function isSelected(
  { states, eventTypes, fromMs = 0, toMs }: ReplayFilter,
  { state, eventType, createdAtMs }: Candidate,
): boolean {
  return (
    createdAtMs >= fromMs &&
    createdAtMs < toMs &&
    states.some((wanted) => wanted === state) &&
    takes(eventTypes, eventType)
  );
}

/** How far a rate cap has been used up: until then, everything is spent. */
export interface Pace {
  readonly perSecond: number | undefined;
  readonly spentUntilMs: number;
}

const SECOND_MS = 1_000;

/** At most a second's worth is saved up. Nothing is spent in advance: a later time is that of a clock that was set back. */
function spentOf({ spentUntilMs }: Pace, nowMs: number): number {
  return spentUntilMs > nowMs ? nowMs - SECOND_MS : Math.max(spentUntilMs, nowMs - SECOND_MS);
}

/** How many may go now. */
export function allowanceOf(pace: Pace, nowMs: number): number {
  if (pace.perSecond === undefined) return Infinity;
  return Math.floor(((nowMs - spentOf(pace, nowMs)) * pace.perSecond) / SECOND_MS);
}

/** Until when everything is spent, after so many have gone. */
export function spend(pace: Pace, count: number, nowMs: number): number {
  const spent = spentOf(pace, nowMs);
  return pace.perSecond === undefined ? spent : spent + (count * SECOND_MS) / pace.perSecond;
}

/** How long until one more may go, in milliseconds. */
export function waitMsOf(pace: Pace, nowMs: number): number {
  if (allowanceOf(pace, nowMs) >= 1) return 0;
  return Math.max(1, Math.ceil(SECOND_MS / (pace.perSecond ?? Infinity) - (nowMs - spentOf(pace, nowMs))));
}

/** So many of an active endpoint may be due at once: whatever is published meanwhile waits for no more than these. */
export const MOST_DUE = 50;

/** When to look again at an endpoint that has enough to do. */
export const BUSY_MS = 100;

/** How many may be made due for an endpoint of which so many are; of one that holds its deliveries, as many as there are. */
export function roomFor(
  { state, rateLimit }: Pick<Endpoint, "state" | "rateLimit">,
  dueCount: number,
): number {
  if (state !== "active") return Infinity;
  const most = Math.min(MOST_DUE, Math.max(1, Math.ceil(rateLimit?.perSecond ?? MOST_DUE)));
  return Math.max(0, most - dueCount);
}
