import type { ClaimRequest } from "../inbox.ts";

/** Until when is claimed what was received; none: all of it. */
export function claimedUntilMs({ destination, routes, sinceMs }: ClaimRequest): number | undefined {
  return routes.includes(destination) ? undefined : sinceMs;
}
