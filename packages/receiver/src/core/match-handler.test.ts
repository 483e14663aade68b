import { describe, expect, it } from "vitest";
import { matchHandler } from "./match-handler.ts";

describe("matchHandler", () => {
  const table = { "a.b": 1, "a.b.*": 2, "a.*": 3 };
  it.each([
    ["a.b", 1],
    ["a.b.c", 2],
    ["a.b.c.d", 2],
    ["a.c", 3],
    ["a.", 3],
    ["a", undefined],
    ["ab.c", undefined],
    [".a", undefined],
    ["", undefined],
    ["toString", undefined],
    ["__proto__", undefined],
    ["constructor.x", undefined],
  ])("finds the most specific for %o", (type, row) => {
    expect(matchHandler(table, type)).toBe(row);
  });

  it("finds the one for everything last, also for what has no type", () => {
    expect(["a.x", "x", ""].map((type) => matchHandler({ ...table, "*": 4 }, type))).toEqual([3, 4, 4]);
  });

  it("looks in linear time", () => {
    expect(matchHandler(table, ".".repeat(128))).toBeUndefined();
  });
});
