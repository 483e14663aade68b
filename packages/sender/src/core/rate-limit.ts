/** How many requests an endpoint wants at the most: so many a second, and so many at once after a pause. */
export interface RateLimit {
  /** Above 0; may be a fraction. */
  readonly perSecond: number;
  /** A whole number, at least 1. */
  readonly burst: number;
}

/** A token bucket: each request takes a token. */
export interface TokenBucket {
  readonly tokens: number;
  /** As of this time. */
  readonly atMs: number;
}

/** The bucket at a later time. Set back, the clock gives nothing and takes nothing. */
export function refill({ tokens, atMs }: TokenBucket, limit: RateLimit, nowMs: number): TokenBucket {
  const grown = (Math.max(0, nowMs - atMs) * limit.perSecond) / 1_000;
  return { tokens: Math.min(limit.burst, tokens + grown), atMs: nowMs };
}

/** How long what is wanted takes to gather; what does not fit into a bucket counts as a full one. */
export function waitMsFor(wanted: number, { tokens }: TokenBucket, limit: RateLimit): number {
  const missing = Math.min(wanted, limit.burst) - tokens;
  return missing <= 0 ? 0 : Math.ceil((missing * 1_000) / limit.perSecond);
}
