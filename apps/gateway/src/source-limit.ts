import { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { RateLimit } from "./source-config.ts";

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

/** A connection for limits only, which fails fast. */
export function connectLimits(url: string): Redis {
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

export type Take = () => number | undefined | Promise<number | undefined>;

/**
 * Takes points from the limiter a twentieth of the limit at a time, so that most requests are decided at once and
 * without a round trip, while the sum over all processes stays exact.
 */
export function limitSource(name: string, { perSecond, burst }: RateLimit, client: Redis | undefined): Take {
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
