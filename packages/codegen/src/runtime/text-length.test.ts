import { describe, expect, it } from "vitest";
import { isLonger, isShorter } from "./text-length.ts";

describe.each(["", "a", "abc", "ä", "😀", "a😀b", "😀😀", "\ud83d", "\ude00\ud83d", "e\u0301"])(
  "the text %j",
  (text) => {
    const characters = [...text].length;

    it.each([0, 1, 2, 3, 4])("is compared with %i by code points", (limit) => {
      expect(isLonger(text, limit)).toBe(characters > limit);
      expect(isShorter(text, limit)).toBe(characters < limit);
    });
  },
);
