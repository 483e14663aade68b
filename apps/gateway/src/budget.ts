import { connectRedis } from "@hooks/receiver/redis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { RateLimit } from "./source-config.ts";

/** What is left of a source's limit, shared by everybody who takes from it. */
export interface Budget {
  /** Takes so many requests from it, all or none. Never rejects. */
  take(requests: number): Promise<Grant>;
}

export interface Grant {
  readonly granted: boolean;
  /** The rest of the present window. */
  readonly leftMs: number;
}

/** Whose budget it is. */
export interface BudgetOwner {
  readonly source: string;
  readonly limit: RateLimit;
  /** How much of it is taken at once. */
  readonly share: number;
}

/** The budget of this process. */
export function createMemoryBudget({ source, limit }: BudgetOwner): Budget {
  return toBudget(new RateLimiterMemory(optionsOf(limit)), source);
}

type LimitsClient = ReturnType<typeof connectRedis>;

export interface RedisBudgetOptions {
  readonly client: LimitsClient;
  /** Of this gateway: without Redis, half of the limit is shared out among them. */
  readonly processes: number;
}

/** A budget shared through Redis. While Redis is away each process has its part of half of it. */
export function createRedisBudget(owner: BudgetOwner, options: RedisBudgetOptions): Budget {
  const { source, limit, share } = owner;
  const { client, processes } = options;
  const points = Math.max(share, Math.floor(limit.burst / 2 / processes));
  const limiter = new RateLimiterRedis({
    ...optionsOf(limit),
    storeClient: client,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: countScript,
    insuranceLimiter: new RateLimiterMemory({ ...optionsOf(limit), points }),
  });
  return toBudget(limiter, source);
}

function optionsOf({ perSecond, burst }: RateLimit) {
  return { points: burst, duration: burst / perSecond, keyPrefix: "hooks:limit" };
}

function toBudget(limiter: RateLimiterMemory | RateLimiterRedis, source: string): Budget {
  return {
    take: async (requests) => {
      try {
        const { msBeforeNext } = await limiter.consume(source, requests);
        return { granted: true, leftMs: msBeforeNext };
      } catch (refused) {
        // The library rejects with a result when the limit is reached.
        const leftMs = refused instanceof RateLimiterRes ? refused.msBeforeNext : 1_000;
        return { granted: false, leftMs };
      }
    },
  };
}

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

/** A connection for limits only: a Redis that does not answer within so many ms counts as away. */
export function connectLimits(url: string, timeoutMs: number): LimitsClient {
  // A failing limiter falls back to memory; the inbox reports that Redis is away.
  return connectRedis(url, { connectionName: "hooks-limits", commandTimeout: timeoutMs });
}
