import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEqual } from "./equal.ts";

describe("isEqual", () => {
  it.each([
    [1, 1],
    [0, -0],
    [null, null],
    [
      { a: 1, b: [2] },
      { b: [2], a: 1 },
    ],
    [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  ])("takes %j and %j for the same", (left, right) => expect(isEqual(left, right)).toBe(true));

  it.each([
    [1, "1"],
    [null, {}],
    [[], {}],
    [[1], [1, 2]],
    [{ a: undefined }, { b: undefined }],
    [{}, JSON.parse('{"__proto__":{}}')],
    [{ constructor: 1 }, {}],
  ])("tells %j from %j", (left, right) => expect(isEqual(left, right)).toBe(false));

  it("agrees with a copy of any value, and with no other value that is written differently", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
        expect(isEqual(value, structuredClone(value))).toBe(true);
        expect(isEqual(value, other)).toBe(isEqual(other, value));
      }),
    );
  });
});
