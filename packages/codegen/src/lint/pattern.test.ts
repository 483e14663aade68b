import { describe, expect, it } from "vitest";
import { patternFault } from "./pattern.ts";

describe("patternFault", () => {
  it.each([
    "^inv_[A-Za-z0-9]{1,60}$",
    "^[a-z]{2}(?:-[A-Z]{2})?$",
    "^(?:abc){2}$",
    "^\\(+$",
    "^[(+*|]+$",
    "^(?:a|b)$",
  ])("finds nothing wrong with %s", (pattern) => expect(patternFault(pattern)).toBeUndefined());

  it.each(["(a+)+$", "^(?:a|ab)*$", "^((a)*)*$", "^(?:[a-z]+\\.)+$", "^(a{1,9}){2,9}$", "^((a|b)c)*$"])(
    "refuses the nested repetition of %s",
    (pattern) => expect(patternFault(pattern)).toContain("exponential"),
  );

  it.each(["^(?=a)b", "(?<!a)b", "(a)\\1", "(?<n>a)\\k<n>"])("refuses %s", (pattern) => {
    expect(patternFault(pattern)).toContain("not allowed");
  });

  it.each(["(", "[", "a{2,1}", "\\p{Nope}"])("refuses %s, which does not compile", (pattern) => {
    expect(patternFault(pattern)).toBe("Not a regular expression.");
  });
});
