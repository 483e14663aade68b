import { describe, expect, it } from "vitest";
import { formValues, parseForm, sortedUniqueForm } from "./form.ts";

const fields = (text: string) => parseForm(Buffer.from(text, "latin1")) ?? [];

describe("parseForm", () => {
  it("decodes names and values byte by byte, so that invalid UTF-8 is not the same as U+FFFD", () => {
    expect(fields("a=1+2&b%5B%5D=%2B&c&=d&e==")).toEqual([
      ["a", "1 2"],
      ["b[]", "+"],
      ["c", ""],
      ["", "d"],
      ["e", "="],
    ]);
    expect(fields("a=%FF")).not.toEqual(fields("a=%EF%BF%BD"));
    expect(fields("")).toEqual([]);
  });

  it.each(["b", "%62"])("reads millions of %s", (letter) => {
    const length = 10_000_000;
    expect(fields(`a=${letter.repeat(length)}`)[0]?.[1]).toHaveLength(length);
  });

  it("refuses what no encoder writes", () => {
    const texts = ["a=%", "a=%4", "a=%zz", "a=\u00e9", "a= b", "a=\n", "a=\0", "a&".repeat(1001)];
    for (const text of texts)
      expect(parseForm(Buffer.from(text, "latin1")), text.slice(0, 9)).toBeUndefined();
  });
});

describe("sortedUniqueForm", () => {
  it("orders by name, then value, each pair once", () => {
    expect(sortedUniqueForm(fields("b=2&a=9&a=1&B=3&a=9"))).toBe("B3a1a9b2");
  });
});

describe("formValues", () => {
  it("gives every value of a name", () => {
    expect(formValues(fields("a=1&b=2&a=3"), "a")).toEqual(["1", "3"]);
  });
});
