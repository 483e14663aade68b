import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEqual } from "./equal.ts";
import { isUnique } from "./unique.ts";

describe("isUnique", () => {
  it("agrees with comparing every two items", () => {
    const item = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(item, fc.constantFrom(0, -0, "0", "{}", {}, [], null, "null", 1))),
        (items) => {
          const isPair = items.some((one, index) =>
            items.slice(index + 1).some((other) => isEqual(one, other)),
          );
          expect(isUnique(items)).toBe(!isPair);
        },
      ),
      { seed: 5, numRuns: 1_000 },
    );
  });

  it.each([
    [
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      false,
    ],
    [["{}", {}], true],
    [["[1]", [1]], true],
    [[1, "1", true, "true", null, "null"], true],
  ])("%j: %s", (items, verdict) => {
    expect(isUnique(JSON.parse(JSON.stringify(items)) as unknown[])).toBe(verdict);
  });

  it("takes a hundred thousand objects", () => {
    expect(isUnique(Array.from({ length: 100_000 }, (_, index) => ({ index })))).toBe(true);
  });
});
