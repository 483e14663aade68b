import type { TakenDelivery } from "../store.ts";
import type { Lane } from "./lane.ts";

/**
 * Endpoints that may hang, and the places that they hold. Of a worker's places they get half, so that however many hang at
 * once, something is left for those that work.
 */
export interface Trust {
  /** An attempt begins, and is counted as under way. */
  started(lane: Lane, delivery: TakenDelivery, nowMs: number): void;
  /** After it was taken off the attempts under way of its lane; absent time: not answered as it should be. */
  ended(lane: Lane, delivery: TakenDelivery, answeredMs: number | undefined): void;
  /** Endpoints that worked may hang from now on, if an attempt takes long while none of theirs is answered. */
  doubt(nowMs: number): void;
  /** How many places there are for endpoints that may hang. */
  room(concurrency: number): number;
  /** How many of so many places one of them may have besides those it holds. */
  shareOf(lane: Lane, places: number): number;
  /** How many attempts are under way that take no place from anybody: those beyond the half. */
  beyond(concurrency: number): number;
}

/**
 * Until so many hang at once, whoever was never tried finds a place: each gets the smaller a share, the fewer places are
 * left.
 */
const MOST_HANGING = 25;

/**
 * An attempt that takes so long, while no other of its endpoint is answered, says that this may hang. Until then it keeps its
 * places from others, so it should be short; but most that work answer sooner, also over a slow line or just after a start.
 * Those that do not lose little: they count as working again with the next answer.
 */
export const HANGS_AFTER_MS = 1_000;

export function createTrust(laneOf: (endpoint: string) => Lane): Trust {
  /** Begun while their endpoint was not known to work. */
  const trials = new Set<TakenDelivery>();
  /** How many others are under way of endpoints that may hang: they were begun while these worked. */
  let stranded = 0;
  /** When each that is under way was begun, or found not answered for long, the longest ago first. */
  const watched = new Map<TakenDelivery, number>();
  /** None of them is to be looked at again before it is long since then. */
  let oldestMs = 0;

  const judge = (lane: Lane, isProven: boolean): void => {
    if (lane.isProven === isProven) return;
    const others = lane.underWay - lane.trials;
    stranded += isProven ? -others : others;
    lane.isProven = isProven;
  };
  return {
    started(lane, delivery, nowMs) {
      watched.set(delivery, nowMs);
      if (lane.isProven) return;
      trials.add(delivery);
      lane.trials += 1;
    },
    ended(lane, delivery, answeredMs) {
      watched.delete(delivery);
      if (trials.delete(delivery)) lane.trials -= 1;
      else if (!lane.isProven) stranded -= 1;
      if (answeredMs !== undefined) lane.answeredMs = answeredMs;
      judge(lane, answeredMs !== undefined);
    },
    doubt(nowMs) {
      if (!isLongSince(oldestMs, nowMs)) return;
      oldestMs = nowMs;
      for (const [delivery, sinceMs] of watched) {
        if (!isLongSince(sinceMs, nowMs)) {
          oldestMs = sinceMs;
          break;
        }
        watched.delete(delivery);
        watched.set(delivery, nowMs);
        const lane = laneOf(delivery.endpoint);
        if (isLongSince(lane.answeredMs, nowMs)) judge(lane, false);
      }
    },
    room: (concurrency) => halfOf(concurrency) - trials.size,
    shareOf: ({ underWay }, places) =>
      Math.min(places, Math.max(1, Math.floor((places + underWay) / MOST_HANGING)) - underWay),
    beyond: (concurrency) => Math.max(0, trials.size + stranded - halfOf(concurrency)),
  };
}

function halfOf(concurrency: number): number {
  return Math.ceil(concurrency / 2);
}

/** Also when the clock was set back. */
function isLongSince(sinceMs: number, nowMs: number): boolean {
  return nowMs < sinceMs || nowMs - sinceMs >= HANGS_AFTER_MS;
}
