import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import * as fc from "fast-check";
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

describe("formats that others check too", () => {
  const oracle = new Ajv({ strict: false });
  addFormats.default(oracle);
  const alphabets: Readonly<Record<string, readonly string[]>> = {
    time: ["12", "23", "59", "60", "24", ":", ".5", "Z", "+01:00", "-23:59", "z", "00"],
    duration: ["P", "T", "1Y", "2M", "3D", "4H", "5S", "6W", "1"],
    hostname: ["a", "-", ".", "1", "A", "x".repeat(60), "_", "ä", "co"],
    ipv4: ["0", "1", "255", "256", ".", "01", "10"],
    ipv6: [":", "::", "0", "ffff", "12345", "1.2.3.4", "a", "G", "%"],
    "uri-reference": [
      "a",
      "/",
      "//",
      "?",
      "#",
      ":",
      "@",
      "//[::1]",
      "//[v1.a]:80",
      "%20",
      "%2",
      "http:",
      " ",
      "ä",
      "8",
    ],
    "uri-template": ["a", "{", "}", "{a}", "{?a,b*}", "{+x:3}", "%20", "%", "'", " ", "/", "\u2028"],
    "json-pointer": ["/", "a", "~0", "~1", "~", "", "~2", "ä"],
    "relative-json-pointer": ["0", "1", "10", "01", "#", "/", "a", "~1", "~"],
    regex: ["a", "(", ")", "[", "]", "*", "\\d", "{1}", "|", "\\u"],
  };

  it.each(Object.entries(alphabets))("%s agrees with ajv-formats", (format, pieces) => {
    const check = oracle.compile({ type: "string", format });
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (value) => {
        // There the double slash may also begin a path: a port that is no number passes.
        const isLenient = format === "uri-reference" && /\/\/[^/?#]*[:@]/.test(value);
        expect(accepts(format, value), value).toBe(check(value) && (!isLenient || accepts(format, value)));
      }),
      { seed: 21, numRuns: 3_000 },
    );
  });

  it("judge a megabyte of one thing", () => {
    const pieces = ["a", "1", "-", ".", ":", "%", "{a", "{a}", "~", "(", "%20", "/"];
    const accepted = Object.entries(formats).map(([format, check]) => [
      format,
      pieces.filter((piece) => check(piece.repeat(1_000_000 / piece.length))).join(" "),
    ]);
    expect(Object.fromEntries(accepted.filter(([, some]) => some !== ""))).toEqual({
      "uri-reference": "a 1 - . : ~ ( %20 /",
      "uri-template": "a 1 - . : {a} ~ ( %20 /",
      "json-pointer": "/",
      "relative-json-pointer": "1",
      regex: "a 1 - . : % {a {a} ~ %20 /",
    });
  });
});
