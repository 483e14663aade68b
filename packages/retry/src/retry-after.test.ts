import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "./index.ts";

const nowMs = Date.UTC(2026, 10, 20, 12, 0, 0);
const year = 366 * 86_400_000;

describe("parseRetryAfter", () => {
  it.each([
    ["0", 0],
    ["120", 120_000],
    [" 7 ", 7000],
    ["999999999999999999999999", year],
    ["9".repeat(400), year],
    ["Fri, 20 Nov 2026 12:00:30 GMT", 30_000],
    ["Friday, 20-Nov-26 12:00:30 GMT", 30_000],
    ["Fri Nov 20 12:00:30 2026", 30_000],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
    ["Fri, 31 Dec 9999 23:59:59 GMT", year],
  ])("reads %j as a wait of %i ms", (value, waitMs) => {
    expect(parseRetryAfter(value, nowMs)).toBe(waitMs);
  });

  it.each([
    undefined,
    null,
    "",
    " ",
    "-1",
    "+5",
    "1.5",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "soon",
    "5, 6",
    "2026-11-20",
    "2026-11-20T12:00:30Z",
    "Fri, 20 Nov 2026 12:00:30 +0100",
    "Fri, 20 Foo 2026 12:00:30 GMT",
    "Fri, 99 Nov 2026 12:00:30 GMT",
  ])("gives nothing for %j", (value) => {
    expect(parseRetryAfter(value, nowMs)).toBeUndefined();
  });

  it("gives nothing or a number from 0 to 366 days for any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (text) => {
          const waitMs = parseRetryAfter(text, nowMs) ?? 0;
          expect(waitMs >= 0 && waitMs <= year).toBe(true);
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
  });

  it("gives back the second of any date to come", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 * 86_400 }), (seconds) => {
        const date = new Date(nowMs + seconds * 1000).toUTCString();
        expect(parseRetryAfter(date, nowMs)).toBe(seconds * 1000);
      }),
      { numRuns: 500, seed: 2 },
    );
  });
});
