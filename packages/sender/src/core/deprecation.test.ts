import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deprecationOf, headersOf } from "./deprecation.ts";

const said = (deprecation: object) => ({ "x-lifecycle": "deprecated", "x-deprecation": deprecation });
const headers = (deprecation: object) => headersOf(deprecationOf(said(deprecation))!);

describe("deprecationOf", () => {
  it.each([
    undefined,
    {},
    { "x-lifecycle": "deprecated" },
    { "x-lifecycle": "stable", "x-deprecation": { effective: "2026-01-01T00:00:00Z" } },
    said({ removal: "2026-01-01T00:00:00Z" }),
    said({ effective: "some day" }),
    said({ effective: 1 }),
  ])("finds none in %j", (schema) => expect(deprecationOf(schema)).toBeUndefined());

  it("leaves out what it cannot rely on: an end before the beginning, a documentation that is no web page", () => {
    const effective = "2026-06-01T00:00:00Z";
    const removal = "2026-05-31T00:00:00Z";
    for (const documentation of ["javascript:alert(1)", "/docs", "", 7])
      expect(deprecationOf(said({ effective, removal, documentation, alternative: 2 }))).toEqual({
        effectiveMs: Date.parse(effective),
      });
  });
});

describe("headersOf", () => {
  // The example of RFC 9745, section 4.
  it("writes a structured date, an HTTP date and links", () => {
    expect(
      headers({
        effective: "2023-06-30T23:59:59Z",
        removal: "2024-06-30T23:59:59Z",
        documentation: "https://example.com/deprecation",
        alternative: "https://example.com/events/v2",
      }),
    ).toEqual({
      deprecation: "@1688169599",
      sunset: "Sun, 30 Jun 2024 23:59:59 GMT",
      link: [
        '<https://example.com/deprecation>; rel="deprecation"',
        '<https://example.com/deprecation>; rel="sunset"',
        '<https://example.com/events/v2>; rel="successor-version"',
      ].join(", "),
    });
  });

  it("links to nothing where there is no page", () => {
    expect(headers({ effective: "2026-06-01T02:00:00+02:00", alternative: "2.0.0" })).toEqual({
      deprecation: "@1780272000",
    });
  });

  it("lets nothing out of a URL that could end the header or its link", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const documentation = `https://example.com/${text}`;
        const { link = "" } = headers({ effective: "2026-06-01T00:00:00Z", documentation });
        expect(link).toMatch(/^(?:<[\x21-\x3b\x3d\x3f-\x7e]+>; rel="deprecation")?$/);
      }),
    );
  });
});
