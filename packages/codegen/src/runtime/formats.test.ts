import { describe, expect, it } from "vitest";
import { formats } from "./formats.ts";

const accepts = (format: string, text: string) => formats[format]!(text);

describe("formats", () => {
  it.each([
    ["date-time", "2026-03-01T00:00:00Z"],
    ["date-time", "2026-03-01t23:59:60.123456789z"],
    ["date-time", "2026-12-31T00:00:00-23:59"],
    ["date-time", "2024-02-29T12:00:00+05:30"],
    ["date", "2000-02-29"],
    ["date", "2026-11-30"],
    ["email", "ada+hooks@example.co.uk"],
    ["email", "ä@example.com"],
    ["uri", "https://example.com/a?b=c#d"],
    ["uri", "urn:isbn:0451450523"],
    ["uuid", "6F1C1E1A-4c5e-4b86-9d3c-0f6a0a5d9a11"],
  ])("%s accepts %s", (format, text) => expect(accepts(format, text)).toBe(true));

  it.each([
    ["date-time", "2026-03-01T00:00:00"],
    ["date-time", "2026-03-01 00:00:00Z"],
    ["date-time", "2026-03-01T24:00:00Z"],
    ["date-time", "2026-03-01T00:60:00Z"],
    ["date-time", "2026-03-01T00:00:00Z\n"],
    ["date-time", "2026-02-29T00:00:00Z"],
    ["date-time", "2026-00-10T00:00:00Z"],
    ["date", "1900-02-29"],
    ["date", "2026-04-31"],
    ["date", "2026-01-00"],
    ["date", "26-01-01"],
    ["email", "ada"],
    ["email", "ada@"],
    ["email", "@example.com"],
    ["email", "a b@example.com"],
    ["email", "ada@example.com, eve@example.com"],
    ["uri", "/relative"],
    ["uri", "https://"],
    ["uri", "https://exa mple.com"],
    ["uuid", "6f1c1e1a4c5e4b869d3c0f6a0a5d9a11"],
    ["uuid", "6f1c1e1a-4c5e-4b86-9d3c-0f6a0a5d9a1g"],
  ])("%s refuses %j", (format, text) => expect(accepts(format, text)).toBe(false));

  it("knows every day of the calendar, and only those", () => {
    for (let year = 1999; year <= 2004; year++)
      for (let month = 1; month <= 12; month++)
        for (let day = 1; day <= 31; day++) {
          const text = [String(year), month, day].map((part) => String(part).padStart(2, "0")).join("-");
          const exists = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
          expect(accepts("date", text), text).toBe(exists);
        }
  });
});
