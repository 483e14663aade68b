import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "../json.ts";
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
    const item = fc.constantFrom<Json>(0, 1, "0", null, [], {}, [0], { a: 0 });
    const some = fc.oneof(
      item,
      fc.array(item, { maxLength: 2 }),
      fc.dictionary(fc.constantFrom("a", "b"), item),
    );
    let equal = 0;
    fc.assert(
      fc.property(fc.jsonValue(), some, some, (value, one, other) => {
        expect(isEqual(value, structuredClone(value))).toBe(true);
        expect(isEqual(one, other)).toBe(canonicalJson(one) === canonicalJson(other));
        if (isEqual(one, other)) equal++;
      }),
      { seed: 3, numRuns: 2_000 },
    );
    expect(equal).toBeGreaterThan(50);
  });
});
