import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createIds, firstIdAt } from "./ids.ts";

describe("createIds", () => {
  it("makes prefixed ids that never repeat and sort in the order they were made, also when the clock steps back", () => {
    let nowMs = 1_800_000_000_000;
    const newId = createIds({ now: () => nowMs, randomBytes });
    const ids = Array.from({ length: 5_000 }, (_, index) => {
      if (index % 100 === 0) nowMs += index % 300 === 0 ? -50 : 3;
      return newId("evt");
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^evt_[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it("carries over when the random part is at its end", () => {
    const newId = createIds({ now: () => 0, randomBytes: (count) => new Uint8Array(count).fill(31) });
    const [first, second] = [newId("dlv"), newId("dlv")];
    expect(second > first).toBe(true);
    expect(second).toMatch(/0{15}$/);
  });
});

describe("firstIdAt", () => {
  it("stands between the ids of before and those from then on, also when the clock steps back", () => {
    const newId = createIds({ now: () => 0, randomBytes });
    const at = 1_800_000_000_000;
    const [before, then, stepped] = [newId("dlv", at - 1), newId("dlv", at), newId("dlv", at - 60_000)];
    const first = firstIdAt("dlv", at);
    expect([before < first, first <= then, first <= stepped]).toEqual([true, true, true]);
    expect(firstIdAt("dlv", -5)).toBe("dlv_0000000000");
    expect(firstIdAt("dlv", Infinity) > firstIdAt("dlv", Number.MAX_SAFE_INTEGER - 1)).toBe(false);
  });
});
