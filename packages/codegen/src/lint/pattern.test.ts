import { describe, expect, it } from "vitest";
import { patternFault } from "./pattern.ts";

describe("patternFault", () => {
  it.each(["^inv_[A-Za-z0-9]{1,60}$", "^\\(+$", "(a+)+$", "^(?:a|ab)*$", "^((a|b)c)*$", "\\s+$"])(
    "finds nothing wrong with %s, which can be matched in linear time",
    (pattern) => expect(patternFault(pattern)).toBeUndefined(),
  );

  it.each([
    ["^(?=a)b", "Look-around and back-references are not allowed."],
    ["(?<n>a)\\k<n>", "Look-around and back-references are not allowed."],
    ["a{2,1}", "Not a regular expression."],
    ["^(a|b)*a(a|b){40}$", /linear time/],
  ])("says what is wrong with %s", (pattern, message) => expect(patternFault(pattern)).toMatch(message));
});
