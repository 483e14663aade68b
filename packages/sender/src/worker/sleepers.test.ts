import { describe, expect, it } from "vitest";
import { createSleepers } from "./sleepers.ts";

describe("createSleepers", () => {
  it("wakes each when its time has come, and knows when the next is, however many sleep", () => {
    const sleepers = createSleepers();
    const count = 300_000;
    for (let index = 0; index < count; index += 1) sleepers.add(`ep_${index}`, 1_000 + index);
    expect(sleepers.nextMs).toBe(1_000);
    expect(sleepers.awake(999)).toEqual([]);
    expect(sleepers.awake(1_001)).toEqual(["ep_0", "ep_1"]);
    expect(sleepers.nextMs).toBe(1_002);
    expect(sleepers.has("ep_1")).toBe(false);
    expect(sleepers.delete("ep_2")).toBe(true);
    expect(sleepers.awake(1_000 + count)).toHaveLength(count - 3);
    expect(sleepers.nextMs).toBeUndefined();
  });

  it("wakes all when the clock was set back", () => {
    const sleepers = createSleepers();
    expect(sleepers.awake(5_000)).toEqual([]);
    sleepers.add("ep_1", 9_000);
    expect(sleepers.awake(4_000)).toEqual(["ep_1"]);
  });
});
