import { describe, expect, it } from "vitest";
import { restAfter } from "./intake.ts";

describe("restAfter", () => {
  it("is ten times as long as a scan took, and never so long that what is due waits for it", () => {
    expect([0, 1, 5, 100, 6_000].map(restAfter)).toEqual([20, 20, 50, 1_000, 2_000]);
  });
});
