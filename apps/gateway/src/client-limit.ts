import type { ReceiveLimits } from "@hooks/receiver";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

export type ClientLimit = Required<Pick<ReceiveLimits, "blocked" | "unverified" | "verified">>;

/** Unverified requests a client may make per second. A client that guesses or floods is refused before its body is read. */
const unverifiedPerSecond = 50;

/** So long a client counts as a provider after a request of its was verified. */
const knownMs = 3_600_000;

/** An attacker with very many addresses makes the oldest ones forgotten, and does not take our memory. */
const mostClients = 100_000;

/**
 * Limits clients that do not verify. One whose requests were verified lately is never blocked: many providers send for
 * anybody from the same addresses, and whoever has them send forgeries must not keep out their genuine requests.
 */
export function createClientLimit(clock: () => number): ClientLimit {
  const limiter = new RateLimiterMemory({ points: unverifiedPerSecond, duration: 1 });
  const blocked = createExpiring(clock);
  const known = createExpiring(clock);
  return {
    blocked: (client) => {
      const waitMs = blocked.left(client);
      return waitMs === undefined || known.left(client) !== undefined ? undefined : waitMs;
    },
    unverified: (client) => {
      limiter.consume(client).catch((refused: unknown) => {
        if (refused instanceof RateLimiterRes) blocked.put(client, refused.msBeforeNext);
      });
    },
    verified: (client) => {
      // Written again when half of it is over, not with every request.
      if ((known.left(client) ?? 0) < knownMs / 2) known.put(client, knownMs);
    },
  };
}

/**
 * Names with an end each. When there are too many, the oldest tenth goes at once: a map passes over the gaps of all that it
 * has lost to find its first, which for every name would cost more than its request does.
 */
function createExpiring(clock: () => number) {
  const ends = new Map<string, number>();
  const forgetOldest = () => {
    for (const oldest of ends.keys()) {
      ends.delete(oldest);
      if (ends.size <= 0.9 * mostClients) break;
    }
  };
  return {
    left: (name: string): number | undefined => {
      const end = ends.get(name);
      if (end === undefined) return undefined;
      const leftMs = end - clock();
      if (leftMs > 0) return leftMs;
      ends.delete(name);
      return undefined;
    },
    put: (name: string, forMs: number) => {
      ends.delete(name);
      ends.set(name, clock() + forMs);
      if (ends.size > mostClients) forgetOldest();
    },
  };
}
