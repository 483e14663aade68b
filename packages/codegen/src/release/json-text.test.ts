import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pointerTo, type Json } from "../json.ts";
import { lineOf, placeOf, setVersion } from "./json-text.ts";

const json = fc.json().map((text) => JSON.parse(text) as Json);

/** Every pointer into a value, and what it leads to. */
function placesIn(value: Json, at = ""): readonly (readonly [string, Json])[] {
  const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [[at, value], ...inner.flatMap(([name, one]) => placesIn(one as Json, pointerTo(at, name)))];
}

describe("placeOf", () => {
  it("finds every value of every document, however it is indented", () => {
    fc.assert(
      fc.property(json, fc.constantFrom("", " ", "\t", "\n\n"), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        for (const [pointer, expected] of placesIn(value)) {
          const { start, end, exact } = placeOf(text, pointer);
          expect(exact).toBe(true);
          expect(JSON.parse(text.slice(start, end))).toEqual(expected);
        }
      }),
      { seed: 7 },
    );
  });

  it("finds the innermost value that is there", () => {
    const text = '{ "a": { "b": 1 } }';
    expect(placeOf(text, "/a/c/d")).toEqual({ start: 7, end: 17, exact: false });
  });
});

describe("lineOf", () => {
  it("counts from 1, and takes braces inside of texts for text", () => {
    const text = '{\n  "a": "}{\\"",\n  "b": [\n    1,\n    2\n  ]\n}\n';
    expect(["", "/a", "/b", "/b/1", "/b/9", "/nowhere"].map((at) => lineOf(text, at))).toEqual([
      1, 2, 3, 5, 3, 1,
    ]);
  });
});

describe("setVersion", () => {
  it("changes the number and not one character more", () => {
    const text = '{"type" :"object",\r\n\t"x-event": {"group":"g",  "version":  "1.0.0"},\r\n"a":[ ]}';
    expect(setVersion(text, "1.1.0")).toBe(text.replace("1.0.0", "1.1.0"));
  });

  it("does not take another version for that of the contract", () => {
    const text =
      '{ "properties": { "version": { "x-event": {"version":"9"} } }, "x-event": { "version": "1.0.0" } }';
    expect(setVersion(text, "2.0.0")).toBe(text.replace("1.0.0", "2.0.0"));
  });

  it.each(["{}", "[]", '{"a":1}', '{"x-event":{"group":"g"}}', '{"x-event":"version"}'])(
    "leaves %j alone, which states none",
    (text) => {
      expect(setVersion(text, "1.2.0")).toBe(text);
    },
  );
});
