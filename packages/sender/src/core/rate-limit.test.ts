import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refill, waitMsFor, type TokenBucket } from "./rate-limit.ts";

const limits = fc.record({
  perSecond: fc.double({ min: 0.001, max: 10_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 10_000 }),
});

describe("refill and waitMsFor", () => {
  it("let through no more than the burst and the rate, whatever is asked when, and all of it in the end", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(limits, steps, (limit, waits) => {
        let bucket: TokenBucket = { tokens: 0, atMs: 0 };
        let nowMs = 0;
        let sent = 0;
        for (const waitMs of waits) {
          nowMs += waitMs;
          bucket = refill(bucket, limit, nowMs);
          const count = Math.floor(bucket.tokens);
          bucket = { ...bucket, tokens: bucket.tokens - count };
          sent += count;
          expect(sent).toBeLessThanOrEqual(limit.burst + (nowMs * limit.perSecond) / 1_000 + 1e-6);
        }
        const waitMs = waitMsFor(1, bucket, limit);
        expect(refill(bucket, limit, nowMs + waitMs).tokens).toBeGreaterThanOrEqual(1 - 1e-9);
      }),
    );
  });

  it("gain and lose nothing when the clock is set back", () => {
    const limit = { perSecond: 1, burst: 10 };
    expect(refill({ tokens: 3, atMs: 5_000 }, limit, 1_000)).toEqual({ tokens: 3, atMs: 1_000 });
  });
});
