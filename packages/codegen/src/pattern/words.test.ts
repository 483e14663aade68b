import { describe, expect, it } from "vitest";
import { createDice } from "../runtime/dice.ts";
import { wordsOf, wordsWhere } from "./words.ts";

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

describe("wordsWhere", () => {
  const pairs = patterns.flatMap((one) => patterns.map((other) => [one, other] as const));

  it.each(pairs)("writes texts that match %s and not %s, and with it", (one, other) => {
    const [first, second] = [new RegExp(one, "u"), new RegExp(other, "u")];
    const apart = wordsWhere({ all: [one], none: [other] });
    const both = wordsWhere({ all: [one, other], none: [] });
    for (const text of apart?.edges ?? [])
      expect([first.test(text), second.test(text)]).toEqual([true, false]);
    for (const text of both?.edges ?? []) expect([first.test(text), second.test(text)]).toEqual([true, true]);
    for (const text of wordsOf(one).edges) expect((second.test(text) ? both : apart)?.isEmpty).toBe(false);
    if (one === other) expect(apart?.isEmpty).toBe(true);
  });

  it.each([
    ["^[a-c]+$", "^[a-z]+$"],
    ["^a{3}$", "^a+$"],
    ["^\\d{2}$", "^[0-9]*$"],
    ["^x", "x"],
    ["^(?:ab)+$", "^[ab]*$"],
  ])("knows that whatever matches %s matches %s, and not the other way round", (narrow, wide) => {
    expect(wordsWhere({ all: [narrow], none: [wide] })?.isEmpty).toBe(true);
    expect(wordsWhere({ all: [wide], none: [narrow] })?.isEmpty).toBe(false);
  });

  it("does not know what takes too many states", () => {
    expect(
      wordsWhere({ all: ["^(?:a{0,90}b){1,50}$", "^(?:[ab]{70})*$"], none: ["^(?:a|b){0,997}$"] }),
    ).toBeUndefined();
  });
});
