import { describe, expect, it } from "vitest";
import { evenNumbers, evenTexts } from "./parameters.ts";

describe("evenTexts and evenNumbers", () => {
  it("send one value only where all rows have it", () => {
    expect(evenTexts(["a", "a", "a"])).toBe('{"a"}');
    expect(evenTexts([undefined, undefined])).toBe("{NULL}");
    expect(evenTexts(["a", undefined])).toBe('{"a",NULL}');
    expect(evenTexts([undefined, "a"])).toBe('{NULL,"a"}');
    expect(evenNumbers([7, 7])).toBe("{7}");
    expect(evenNumbers([7, undefined, 7])).toBe("{7,NULL,7}");
    expect(evenTexts([])).toBe("{}");
  });
});
