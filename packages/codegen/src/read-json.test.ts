import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson, type ReadJson } from "./read-json.ts";

function problemOf(text: string): string {
  const read = readJson("f.json", text);
  return read.ok ? "" : `${read.problem.code} ${read.problem.pointer} ${read.problem.message}`;
}

function roundedAt(text: string): ReadJson {
  return readJson("f.json", text, { rounded: new Set(["maximum"]) });
}

describe("readJson", () => {
  it("reads what JSON.parse reads, and refuses what it refuses", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, at, other) => {
        const place = at % (text.length + 1);
        for (const candidate of [text, text.slice(0, place) + other + text.slice(place + 1)]) {
          const read = readJson("f.json", candidate);
          if (!read.ok && /duplicate_member|number_not_exact/.test(read.problem.code)) continue;
          expect(read.ok ? JSON.stringify(read.value) : undefined).toBe(parsed(candidate));
        }
      }),
      { seed: 3, numRuns: 2_000 },
    );
  });

  it.each([
    ["", "expected a value, found the end of the file (line 1, column 1)."],
    ['{\n  "a": 1,\n}', 'expected the name of a member, found "}" (line 3, column 1).'],
    ["[1 2]", 'expected "," or "]", found "2" (line 1, column 4).'],
    ['{"a" 1}', 'expected ":", found "1" (line 1, column 6).'],
    ['{"a": 01}', 'expected "," or "}", found "1" (line 1, column 8).'],
    ['"a\nb"', 'expected a string, found "\\n" (line 1, column 3).'],
    ["{} {}", 'expected the end, found "{" (line 1, column 4).'],
    ["undefined", 'expected a value, found "u" (line 1, column 1).'],
  ])("says where %j stops being JSON", (text, message) => {
    expect(problemOf(text)).toBe(`invalid_json  The file is not JSON: ${message}`);
  });

  it("refuses a member that is named twice, however it is written", () => {
    expect(problemOf('{"a": [{"b/c": 1,\n "b\\u002fc": 2}]}')).toBe(
      'duplicate_member /a/0/b~1c The object has "b/c" twice (line 2, column 2).',
    );
    expect(problemOf('[{"a": 1}, {"a": 2}, {"__proto__": 1}]')).toBe("");
  });

  it("refuses a number that would become another one", () => {
    expect(problemOf('{"a": [1,\n 9007199254740993]}')).toBe(
      "number_not_exact /a/1 Expected a number that is read as it is written, found 9007199254740993, which would be " +
        "read as 9007199254740992; a number this long is better a string (line 2, column 2).",
    );
    expect(problemOf("1e400")).toContain("number_not_exact  Expected");
    expect(problemOf('[9007199254740992, 0.1, 1e23, {"maximum": 1}]')).toBe("");
    expect(problemOf(`[${"1".repeat(1_000)}]`).length).toBeLessThan(300);
  });

  it("rounds a number where that was asked for, but not to infinity", () => {
    expect(roundedAt('{"maximum": 9223372036854775807}')).toEqual({ ok: true, value: { maximum: 2 ** 63 } });
    expect(roundedAt('{"maximum": 1e400}').ok).toBe(false);
    expect(roundedAt('{"maximum": [9223372036854775807]}').ok).toBe(false);
    expect(roundedAt('{"const": 9223372036854775807}').ok).toBe(false);
  });

  it("takes a byte order mark for nothing", () => {
    expect(readJson("f.json", "\uFEFF{}")).toEqual({ ok: true, value: {} });
  });

  it("measures depth without using up the stack", () => {
    expect(problemOf("[".repeat(1_000_000))).toContain("too_deep");
    expect(problemOf("[".repeat(100) + "]".repeat(100))).toBe("");
    expect(problemOf(`"${"x\\n".repeat(1_000_000)}"`)).toBe("");
  });
});

function parsed(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}
