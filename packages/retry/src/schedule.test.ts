import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultSchedule, parseSchedule, presets } from "./index.ts";

const hour = 3_600_000;

describe("defaultSchedule", () => {
  it("makes ten attempts over 75 h 35 min and 5 s, the first at once", () => {
    expect(defaultSchedule).toHaveLength(10);
    expect(defaultSchedule[0]).toBe(0);
    expect(defaultSchedule.reduce((sum, wait) => sum + wait)).toBe(75 * hour + 35 * 60_000 + 5000);
  });
});

describe("parseSchedule", () => {
  it("reads the presets as they are written in the documentation", () => {
    expect(parseSchedule("0, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h")).toEqual({
      ok: true,
      schedule: defaultSchedule,
    });
    expect(parseSchedule("1m, 5m, 30m, 2h, 12h")).toEqual({ ok: true, schedule: presets.short });
  });

  it("makes the first attempt at once, said or not", () => {
    expect(parseSchedule("1s")).toEqual(parseSchedule("0, 1s"));
    expect(parseSchedule("0")).toEqual({ ok: true, schedule: [0] });
  });

  it("reads all units and fractions to whole milliseconds", () => {
    expect(parseSchedule("250ms, 1.5s, 0.5m, 1h, 1d")).toMatchObject({
      schedule: [0, 250, 1500, 30_000, hour, 24 * hour],
    });
  });

  it.each([
    "",
    ",",
    "5",
    "5 parsecs",
    "-5s",
    "5s,,6s",
    "31d",
    "1e3s",
    "five minutes",
    "NaNs",
    "99999999999s",
  ])("refuses %j and says which wait is wrong", (text) => {
    const parsed = parseSchedule(text);
    expect(!parsed.ok && parsed.problem).toMatch(/^Expected wait \d+ to be like 30s/);
  });

  it("refuses more than 100 waits", () => {
    expect(parseSchedule(Array(101).fill("1s").join()).ok).toBe(false);
  });

  it("gives finite, whole, non-negative waits or a problem for any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^(\d{0,12}\.?\d{0,4} ?(ms|s|m|h|d)?,? ?){0,8}$/)),
        (text) => {
          const parsed = parseSchedule(text);
          if (parsed.ok)
            for (const wait of parsed.schedule) expect(Number.isSafeInteger(wait) && wait >= 0).toBe(true);
        },
      ),
      { numRuns: 1000, seed: 1 },
    );
  });
});
