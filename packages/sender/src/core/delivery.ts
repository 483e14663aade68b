import { nextDelayMs } from "@hooks/retry";
import type { NextStep } from "./model.ts";
import { floorMsOf, type AttemptResult } from "./outcome.ts";

export interface AttemptContext {
  /** Milliseconds before each attempt, the first 0; its length is the number of attempts. */
  readonly schedule: readonly number[];
  /** Attempts of this schedule made so far, the one just made included. */
  readonly step: number;
  readonly nowMs: number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/**
 * How much later a delivery goes that was in flight in several crashes: it may be their cause, so each goes alone, and takes
 * no other with it. `place` counts those of one crash from 1.
 */
export function aloneMs(place: number): number {
  return Math.min(place, MAX_PLACE) * ALONE_MS;
}

/** Longer than most attempts take. */
export const ALONE_MS = 1_000;
export const MAX_PLACE = 300;

/** Soon, and no loop where a transport interrupts everything. */
const INTERRUPTED_MS = 1_000;

/**
 * What becomes of a delivery after an attempt. An endpoint that is gone is disabled, which holds its deliveries; none is
 * given up for it, so they stay due. Nor is one for an attempt that was interrupted before anybody was asked. What is
 * refused for good is given up at once.
 */
export function afterAttempt(
  result: AttemptResult,
  { schedule, step, nowMs, random }: AttemptContext,
): NextStep {
  if (result.outcome === "delivered") return { state: "delivered" };
  if (result.outcome === "refused") return { state: "dead", reason: "refused" };
  if (result.outcome === "gone") return { state: "scheduled", dueMs: nowMs };
  if (result.outcome === "interrupted") return { state: "scheduled", dueMs: nowMs + INTERRUPTED_MS };
  const delayMs = nextDelayMs({
    schedule,
    attempts: step,
    random,
    floorMs: floorMsOf(result),
    ...(result.retryAfterMs === undefined ? {} : { retryAfterMs: result.retryAfterMs }),
  });
  if (delayMs === undefined) return { state: "dead", reason: "schedule_exhausted" };
  return { state: "scheduled", dueMs: nowMs + Math.ceil(delayMs) };
}
