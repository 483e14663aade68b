import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toColumns, toRows } from "./columns.ts";

interface Row {
  readonly id: string;
  readonly count: number;
  readonly list?: readonly string[];
}

const members = { id: true, count: true, list: true } as const;
const rows: fc.Arbitrary<readonly Row[]> = fc.array(
  fc.record(
    { id: fc.constantFrom("a", "b"), count: fc.nat(2), list: fc.array(fc.constant("x"), { maxLength: 2 }) },
    { requiredKeys: ["id", "count"], noNullPrototype: true },
  ),
);

describe("toColumns", () => {
  it("is undone by toRows on the other side of a thread", () => {
    fc.assert(
      fc.property(rows, (some) => {
        expect(toRows(structuredClone(toColumns(some, members)))).toStrictEqual(some);
      }),
      { seed: 20_261_121 },
    );
  });

  it("says once what all rows have in common", () => {
    const list = ["x"];
    const columns = toColumns(
      [
        { id: "a", count: 1, list },
        { id: "b", count: 1, list },
      ],
      members,
    );
    expect(columns).toEqual({ count: 2, common: { count: 1, list }, lists: { id: ["a", "b"] } });
  });
});
