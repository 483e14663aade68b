import { describe, expect, it } from "vitest";
import { parseTimestamp } from "./timestamp.ts";

describe("parseTimestamp", () => {
  it("reads RFC 3339 with an offset", () => {
    expect(parseTimestamp("2026-11-20T12:00:00Z")).toBe(Date.UTC(2026, 10, 20, 12));
    expect(parseTimestamp("2026-11-20T12:00:00.125+02:00")).toBe(Date.UTC(2026, 10, 20, 10, 0, 0, 125));
    expect(parseTimestamp("2024-02-29T23:59:59Z")).toBe(Date.UTC(2024, 1, 29, 23, 59, 59));
  });

  it.each([
    "",
    "yesterday",
    "2026-11-20",
    "2026-11-20T12:00:00",
    "2026-02-30T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T12:60:00Z",
    "2026-11-20T12:00:61Z",
    "2026-11-20T12:00:00+99:99",
    "1763640000000",
    " 2026-11-20T12:00:00Z",
  ])("does not read %j", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});
