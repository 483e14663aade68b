import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultSchedule, nextDelayMs } from "./index.ts";

const day = 86_400_000;
const schedule = fc.array(fc.integer({ min: 0, max: 2 * day }), { minLength: 1, maxLength: 20 });
const die = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const jitter = fc.double({ min: 0, max: 1, noNaN: true });
const wait = fc.oneof(fc.integer({ min: 0, max: 3 * day }), fc.constant(Number.MAX_SAFE_INTEGER));

/** The options of a call that is not past the end, and the base its wait is of. */
const call = fc
  .record({ schedule, attempts: fc.nat(19), die, jitter, floorMs: fc.option(wait, { nil: undefined }) })
  .map(({ die, attempts, ...options }) => {
    const at = attempts % options.schedule.length;
    const base = Math.max(options.schedule[at]!, options.floorMs ?? 0);
    return { options: { ...options, attempts: at, random: () => die }, base };
  });

describe("nextDelayMs", () => {
  it("takes the wait before attempt n + 1 from element n, and ends after the last", () => {
    const delays = defaultSchedule.map((_, attempts) =>
      nextDelayMs({ schedule: defaultSchedule, attempts, random: () => 0.5 }),
    );
    expect(delays).toEqual(defaultSchedule);
    expect(nextDelayMs({ schedule: defaultSchedule, attempts: 10, random: () => 0.5 })).toBeUndefined();
    expect(nextDelayMs({ schedule: [], attempts: 0, random: () => 0.5 })).toBeUndefined();
  });

  it("spreads the wait over ±20 % unless told otherwise", () => {
    const ends = [0, 0.999_999_99].map((die) =>
      nextDelayMs({ schedule: [1000], attempts: 0, random: () => die }),
    );
    expect(ends).toEqual([800, 1200]);
  });

  it("stays within base ± jitter, is never below the floor, and is whole", () => {
    fc.assert(
      fc.property(call, ({ options, base }) => {
        const delay = nextDelayMs(options)!;
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(base * (1 - options.jitter));
        expect(delay).toBeGreaterThanOrEqual(options.floorMs ?? 0);
        expect(delay).toBeLessThanOrEqual(Math.ceil(base * (1 + options.jitter)));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it("obeys Retry-After from base up to twice base or 24 hours, whatever is asked", () => {
    fc.assert(
      fc.property(call, wait, ({ options, base }, retryAfterMs) => {
        const delay = nextDelayMs({ ...options, retryAfterMs })!;
        const limit = Math.max(base, Math.min(2 * base, day));
        expect(delay).toBeGreaterThanOrEqual(base);
        expect(delay).toBeLessThanOrEqual(Math.ceil(limit));
        if (retryAfterMs < limit) expect(delay).toBeGreaterThanOrEqual(retryAfterMs);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  it("spreads out what was asked to come back at the same moment", () => {
    const delays = [80_000, 1e9].map((retryAfterMs) =>
      [0, 0.5].map((die) =>
        nextDelayMs({ schedule: [60_000], attempts: 0, random: () => die, retryAfterMs }),
      ),
    );
    expect(delays).toEqual([
      [80_000, 88_000],
      [96_000, 108_000],
    ]);
  });

  it("waits at least the floor after a timeout, and spreads upwards from it", () => {
    const delays = [0, 0.5].map((die) =>
      nextDelayMs({ schedule: [5000], attempts: 0, random: () => die, floorMs: 60_000 }),
    );
    expect(delays).toEqual([60_000, 66_000]);
  });

  it.each([
    { jitter: 1.1 },
    { jitter: -0.1 },
    { jitter: Number.NaN },
    { attempts: -1 },
    { floorMs: -1 },
    { retryAfterMs: Number.NaN },
  ])("refuses %j, which would make a wait that is none", (wrong) => {
    expect(() => nextDelayMs({ schedule: [1], attempts: 0, random: () => 0.5, ...wrong })).toThrow(
      RangeError,
    );
  });
});
