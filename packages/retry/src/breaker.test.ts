import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breaker, createBreaker, type BreakerState } from "./index.ts";

const start = 1_795_220_135_000;

/** The state after results one millisecond apart: `.` is a success, `x` a failure. */
function after(results: string, { from = breaker.initial, nowMs = start } = {}): BreakerState {
  return [...results].reduce(
    (state, result, index) => breaker.record(state, result === ".", nowMs + index),
    from,
  );
}

/** Opens the breaker, lets a probe through and has it fail, so many times; gives the state and when it ends. */
function reopened(times: number) {
  let state = after("xxxxxxxxxx");
  for (let time = 0; time < times && state.kind === "open"; time++) {
    const { untilMs } = state;
    state = breaker.record(breaker.admit(state, untilMs).state, false, untilMs);
  }
  return state;
}

describe("breaker", () => {
  it("opens at ten requests of which half failed, not before", () => {
    expect(after("xxxxxxxxx").kind).toBe("closed");
    expect(after("xxxxxxxxxx").kind).toBe("open");
    expect(after(".....xxxxx").kind).toBe("open");
    expect(after("......xxxx").kind).toBe("closed");
    expect(after("......xxxxxx").kind).toBe("open");
  });

  it("forgets what is more than a minute old", () => {
    const nine = after("xxxxxxxxx");
    expect(after("x", { from: nine, nowMs: start + 50_000 }).kind).toBe("open");
    expect(after("x", { from: nine, nowMs: start + 60_000 }).kind).toBe("closed");
  });

  it("lets nothing through while open, and says until when", () => {
    const state = after("xxxxxxxxxx");
    expect(breaker.admit(state, start + 9 + 29_999)).toEqual({
      admitted: false,
      retryAtMs: start + 9 + 30_000,
      state,
    });
  });

  it("then lets exactly one probe through", () => {
    const state = after("xxxxxxxxxx");
    const first = breaker.admit(state, start + 30_009);
    expect(first).toMatchObject({ admitted: true, probe: true });
    expect(breaker.admit(first.state, start + 30_010)).toMatchObject({ admitted: false });
  });

  it("closes and forgets when the probe succeeds", () => {
    const probing = breaker.admit(after("xxxxxxxxxx"), start + 30_009).state;
    expect(breaker.record(probing, true, start + 30_100)).toEqual(breaker.initial);
  });

  it("opens for twice as long each time the probe fails, up to ten minutes", () => {
    const waits = [0, 1, 2, 3, 4, 5, 6].map((times) => {
      const state = reopened(times);
      return state.kind === "open" && state.openMs;
    });
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  });

  it("lets another probe through when one got lost", () => {
    const probing = breaker.admit(after("xxxxxxxxxx"), start + 30_009).state;
    expect(breaker.admit(probing, start + 30_009 + 59_999)).toMatchObject({ admitted: false });
    expect(breaker.admit(probing, start + 30_009 + 60_000)).toMatchObject({ admitted: true, probe: true });
  });

  it("is not moved by late results while open", () => {
    const state = after("xxxxxxxxxx");
    expect(after(".x.x", { from: state, nowMs: start + 20 })).toBe(state);
  });

  it("does not stay open for ever when the clock is set back", () => {
    expect(breaker.admit(after("xxxxxxxxxx"), start - 86_400_000)).toMatchObject({
      admitted: true,
      probe: true,
    });
  });

  it("keeps at most twelve slices, survives JSON and never waits longer than ten minutes, whatever happens", () => {
    const step = fc.record({
      passedMs: fc.integer({ min: -100_000, max: 200_000 }),
      ok: fc.boolean(),
      isAdmit: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        let state = breaker.initial;
        let nowMs = start;
        for (const { passedMs, ok, isAdmit } of steps) {
          nowMs += passedMs;
          const before = structuredClone(state);
          state = isAdmit ? breaker.admit(state, nowMs).state : breaker.record(state, ok, nowMs);
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
          if (state.kind === "closed") expect(state.slices.length).toBeLessThanOrEqual(12);
          else expect(state.openMs).toBeLessThanOrEqual(600_000);
          if (before.kind === "closed" && isAdmit) expect(state).toEqual(before);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("agrees with a count over the last slices, for any traffic", () => {
    const traffic = fc.array(fc.record({ passedMs: fc.integer({ min: 0, max: 8000 }), ok: fc.boolean() }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(traffic, (steps) => {
        let state = breaker.initial;
        let nowMs = start;
        const seen: { slice: number; ok: boolean }[] = [];
        for (const { passedMs, ok } of steps) {
          if (state.kind !== "closed") return;
          nowMs += passedMs;
          seen.push({ slice: Math.floor(nowMs / 5000), ok });
          state = breaker.record(state, ok, nowMs);
          const recent = seen.filter(({ slice }) => slice > Math.floor(nowMs / 5000) - 12);
          const failures = recent.filter(({ ok }) => !ok).length;
          expect(state.kind).toBe(recent.length >= 10 && failures * 2 >= recent.length ? "open" : "closed");
        }
      }),
      { numRuns: 300, seed: 2 },
    );
  });
});

describe("createBreaker", () => {
  it("takes other limits and leaves the rest", () => {
    const strict = createBreaker({ minRequests: 1, openMs: 5, windowMs: undefined });
    expect(strict.record(strict.initial, false, start)).toEqual({
      kind: "open",
      untilMs: start + 5,
      openMs: 5,
    });
  });

  it.each([{ minRequests: 0 }, { failureRatio: 1.1 }, { openMs: Number.NaN }, { windowMs: -1 }])(
    "refuses %j",
    (options) => {
      expect(() => createBreaker(options)).toThrow(RangeError);
    },
  );
});
