import { describe, expect, it } from "vitest";
import { maxMatchedLength, shortPattern } from "./short-pattern.ts";

describe("shortPattern", () => {
  it("matches like a regular expression with the flag u", () => {
    expect(shortPattern("^.$").test("😀")).toBe(true);
    expect(shortPattern("^a+$").test("aab")).toBe(false);
  });

  it("leaves what is too long to maxLength", () => {
    expect(shortPattern("^a+$").test("b".repeat(maxMatchedLength))).toBe(false);
    expect(shortPattern("^a+$").test("b".repeat(maxMatchedLength + 1))).toBe(true);
  });

  it("is told apart from others by its text, for the compiler keeps one of each", () => {
    expect(`${shortPattern("^a$")}`).toBe("^a$");
  });
});
