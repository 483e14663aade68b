import { describe, expect, it } from "vitest";
import { createSampling } from "./sampling.ts";

describe("createSampling", () => {
  it("lets 50 lines a second through, and tells how many it left out", () => {
    let nowMs = 0;
    const sampling = createSampling(() => nowMs);
    const admitted = (count: number) =>
      Array.from({ length: count }, () => sampling.admit()).filter((before) => before !== undefined);
    expect(admitted(1_050)).toEqual(Array.from({ length: 50 }, () => 0));
    nowMs = 999;
    expect(admitted(5)).toEqual([]);
    nowMs = 1_000;
    expect(admitted(2)).toEqual([1_005, 0]);
  });
});
