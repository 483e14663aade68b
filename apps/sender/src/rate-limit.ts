import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** So much in so many seconds, counted for each key by itself. */
export interface Limit {
  readonly points: number;
  readonly windowSeconds: number;
  use(key: string): Promise<Usage>;
}

export interface Usage {
  readonly ok: boolean;
  readonly remaining: number;
  /** Whole seconds until the window ends, at least 1. */
  readonly resetSeconds: number;
}

export interface LimitOptions {
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
  /** Shares the limit between processes. While it does not answer, this process counts alone. */
  readonly redis?: Redis | undefined;
}

export function createLimit({ name, points, windowSeconds, redis }: LimitOptions): Limit {
  const settings = { keyPrefix: `hooks:limit:${name}`, points, duration: windowSeconds };
  const memory = new RateLimiterMemory(settings);
  const limiter =
    redis === undefined
      ? memory
      : new RateLimiterRedis({
          ...settings,
          storeClient: redis,
          rejectIfRedisNotReady: true,
          insuranceLimiter: memory,
        });
  return {
    points,
    windowSeconds,
    async use(key) {
      try {
        return usageOf(true, await limiter.consume(key));
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return usageOf(false, refused);
        throw refused;
      }
    },
  };
}

/** How `perSecond` with a `burst` becomes a window: so long that the burst is its whole content. */
export function windowOf({ perSecond, burst }: { readonly perSecond: number; readonly burst: number }) {
  const windowSeconds = Math.max(1, Math.round(burst / perSecond));
  return { windowSeconds, points: perSecond * windowSeconds };
}

function usageOf(ok: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Usage {
  return { ok, remaining: remainingPoints, resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)) };
}
