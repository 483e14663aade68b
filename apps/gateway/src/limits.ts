import type { ReceiveLimits } from "@hooks/receiver";
import { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { RateLimit } from "./config.ts";

export interface LimitsOptions {
  readonly sources: Readonly<Record<string, { readonly rateLimit: RateLimit }>>;
  /** Where several processes share the sources' limits; without it they are this process's own. */
  readonly redisUrl?: string | undefined;
}

export interface Limits extends Required<ReceiveLimits> {
  close(): void;
}

/** Unverified requests a client may make per second. A client that guesses or floods is refused before its body is read. */
const unverifiedPerSecond = 50;

/** As the library's own script, but with the window in milliseconds: `ARGV[4]` is its length in seconds. */
const countScript = `
local window = math.floor(tonumber(ARGV[4]) * 1000)
redis.call('set', KEYS[1], 0, 'PX', window, 'NX')
local consumed = redis.call('incrby', KEYS[1], ARGV[1])
local ttl = redis.call('pttl', KEYS[1])
if ttl == -1 then
  redis.call('pexpire', KEYS[1], window)
  ttl = window
end
return {consumed, ttl}`;

/** Limits per source and per unverified client. */
export function createLimits({ sources, redisUrl }: LimitsOptions): Limits {
  const client = redisUrl === undefined ? undefined : connect(redisUrl);
  const takes = new Map(
    Object.entries(sources).map(([name, { rateLimit }]) => [name, limitSource(name, rateLimit, client)]),
  );
  const unverified = new RateLimiterMemory({ points: unverifiedPerSecond, duration: 1 });
  const blocked = new Map<string, number>();
  return {
    admit: (source) => takes.get(source)?.(),
    blocked: (from) => {
      const waitMs = (blocked.get(from) ?? 0) - Date.now();
      if (waitMs > 0) return waitMs;
      blocked.delete(from);
      return undefined;
    },
    unverified: (from) => {
      unverified.consume(from).catch((refused: unknown) => {
        if (!(refused instanceof RateLimiterRes)) return;
        // Bounded: an attacker with very many addresses loses the oldest blocks, not our memory.
        for (const oldest of blocked.keys()) {
          if (blocked.size < 100_000) break;
          blocked.delete(oldest);
        }
        blocked.set(from, Date.now() + refused.msBeforeNext);
      });
    },
    close: () => client?.disconnect(),
  };
}

function connect(url: string): Redis {
  const client = new Redis(url, {
    connectionName: "hooks-limits",
    commandTimeout: 100,
    connectTimeout: 1_000,
    socketTimeout: 3_000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  });
  // A failing limiter falls back to memory; the inbox reports that Redis is away.
  client.on("error", () => {});
  return client;
}

type Take = () => number | undefined | Promise<number | undefined>;

/**
 * Takes points from the limiter a twentieth of the limit at a time, so that most requests are decided at once and
 * without a round trip, while the sum over all processes stays exact.
 */
function limitSource(name: string, { perSecond, burst }: RateLimit, client: Redis | undefined): Take {
  const options = { points: burst, duration: burst / perSecond, keyPrefix: "hooks:limit" };
  const limiter =
    client === undefined
      ? new RateLimiterMemory(options)
      : new RateLimiterRedis({
          ...options,
          storeClient: client,
          rejectIfRedisNotReady: true,
          customIncrTtlLuaScript: countScript,
          // Without Redis every process admits on its own; half of the limit keeps two of them within it.
          insuranceLimiter: new RateLimiterMemory({ ...options, points: Math.ceil(burst / 2) }),
        });
  const share = largestShare(burst);
  let left = 0;
  let validUntil = 0;
  let blockedUntil = 0;
  let refilling: Promise<void> | undefined;

  const refill = async () => {
    try {
      const { msBeforeNext } = await limiter.consume(name, share);
      left = share;
      validUntil = Date.now() + msBeforeNext;
    } catch (refused) {
      // The library rejects with a result when the limit is reached.
      const waitMs = refused instanceof RateLimiterRes ? refused.msBeforeNext : 1_000;
      left = 0;
      blockedUntil = Date.now() + Math.max(1, waitMs);
    }
    refilling = undefined;
  };
  const take: Take = () => {
    const now = Date.now();
    if (now < blockedUntil) return blockedUntil - now;
    if (left > 0 && now < validUntil) {
      left -= 1;
      return undefined;
    }
    refilling ??= refill();
    return refilling.then(take);
  };
  return take;
}

/** The largest divisor of the limit up to a twentieth: what does not divide it would be lost at the end of a window. */
function largestShare(limit: number): number {
  for (let share = Math.floor(limit / 20); share > 1; share--) if (limit % share === 0) return share;
  return 1;
}
