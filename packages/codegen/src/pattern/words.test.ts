import { describe, expect, it } from "vitest";
import { createDice } from "../runtime/dice.ts";
import { wordsOf } from "./words.ts";

const patterns = [
  "^inv_[A-Za-z0-9]{1,60}$",
  "^[a-z]{2}(?:-[A-Z]{2})?$",
  "foo",
  "^(?:a|ab)*$",
  "\\bcat\\b",
  "^\\d{3}-\\p{Lu}+$",
  "",
];

describe("wordsOf", () => {
  it.each(patterns)("writes texts that match %s", (pattern) => {
    const native = new RegExp(pattern, "u");
    const words = wordsOf(pattern);
    const dice = createDice(1);
    const random = Array.from({ length: 20 }, () => words.random(dice, { low: 0, high: 80 }));
    const written = [
      ...words.edges,
      words.between(0, 100, "least"),
      words.between(0, 100, "most"),
      ...random,
    ];
    expect(written.filter((text) => text === undefined || !native.test(text))).toEqual([]);
  });

  it("knows which lengths there are", () => {
    const { ofLength, between } = wordsOf("^a{3,5}$");
    expect([0, 1, 2, 3, 4, 5, 6].filter((length) => ofLength(length) !== undefined)).toEqual([3, 4, 5]);
    expect(between(4, 9, "least")).toBe("aaaa");
    expect(between(0, 9, "most")).toBe("aaaaa");
    expect(between(6, 9, "least")).toBeUndefined();
    expect([...(wordsOf("^\\u{1F600}+$").ofLength(3) ?? "")]).toHaveLength(3);
  });

  it("shows each way through a pattern", () => {
    expect([...wordsOf("^(?:cat|dog)s?$").edges].toSorted()).toEqual(["cat", "cats", "dog"]);
  });

  it("finds none where there is none", () => {
    const { edges, between } = wordsOf("a^");
    expect([edges, between(0, 20, "least")]).toEqual([[], undefined]);
  });
});
