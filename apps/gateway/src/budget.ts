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

/** What a limiter needs of a client. */
export interface LimitsClient {
  readonly status: string;
  defineCommand(name: string, definition: { readonly lua: string; readonly numberOfKeys: number }): void;
  /** The command that the limiter defines: key, points and more. */
  rlflxIncr(args: readonly [key: string, ...rest: string[]]): Promise<unknown>;
  disconnect(): void;
}

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

/** So long a source's limit is not asked for again after Redis did not answer. */
const restMs = 500;

/**
 * A connection for limits only: a Redis that does not answer within so many ms counts as away, and for a while after that
 * without being asked. What a source takes is taken a share at a time, so that requests would wait for one share after the
 * other.
 */
export function connectLimits(url: string, timeoutMs: number): LimitsClient {
  // A failing limiter falls back to memory; the inbox reports that Redis is away.
  const client = connectRedis(url, { connectionName: "hooks-limits", commandTimeout: timeoutMs });
  // `defineCommand` adds the method.
  const scripted = client as unknown as Pick<LimitsClient, "rlflxIncr">;
  const rests = new Map<string, number>();
  return {
    get status() {
      return client.status;
    },
    defineCommand: (name, definition) => client.defineCommand(name, definition),
    rlflxIncr: async (args) => {
      const [key] = args;
      if (performance.now() < (rests.get(key) ?? 0)) throw new Error("Redis did not answer just now");
      try {
        return await scripted.rlflxIncr(args);
      } catch (error) {
        rests.set(key, performance.now() + restMs);
        throw error;
      }
    },
    disconnect: () => client.disconnect(),
  };
}
