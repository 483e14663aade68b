import type { Lane } from "./lane.ts";

/**
 * Endpoints that may hang, and the places that they hold. Of a worker's places they get half, so that however many hang at
 * once, something is left for those that work.
 */
export interface Trust {
  started(lane: Lane): void;
  /** After it was taken off the attempts under way of its lane. Gives an endpoint that was put aside, for its place. */
  ended(lane: Lane, succeeded: boolean): string | undefined;
  /** How many places there are for endpoints that may hang. */
  room(concurrency: number): number;
  /** How many of so many places one of them may have besides those it holds. */
  shareOf(lane: Lane, places: number): number;
  /** There is no place for it now. */
  putAside(endpoint: string): void;
}

/**
 * Until so many hang at once, whoever was never tried finds a place: each gets the smaller a share, the fewer places are
 * left.
 */
const MOST_HANGING = 25;

export function createTrust(): Trust {
  const aside = new Set<string>();
  let underWay = 0;
  const next = (): string | undefined => {
    const [endpoint] = aside;
    if (endpoint !== undefined) aside.delete(endpoint);
    return endpoint;
  };
  return {
    started(lane) {
      if (!lane.isProven) underWay += 1;
    },
    ended(lane, succeeded) {
      if (!lane.isProven) underWay -= 1;
      if (lane.isProven !== succeeded) underWay += succeeded ? -lane.underWay : lane.underWay;
      lane.isProven = succeeded;
      return next();
    },
    room: (concurrency) => Math.ceil(concurrency / 2) - underWay,
    shareOf: ({ underWay: held }, places) =>
      Math.min(places, Math.max(1, Math.floor((places + held) / MOST_HANGING)) - held),
    putAside: (endpoint) => void aside.add(endpoint),
  };
}
