import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createDrain } from "./drain.ts";

describe("createDrain", () => {
  it("times the draining alone, of whole steps, and leaves nothing over", async () => {
    let waiting = 0;
    const prepared: number[] = [];
    const prepare = async (count: number) => {
      prepared.push(count);
      waiting += count;
    };
    const drain = createDrain(
      {
        prepare,
        drain: async () => {
          await new Promise((resolve) => setTimeout(resolve, waiting));
          waiting = 0;
        },
      },
      { step: 5, first: 22, warmUpMs: 0 },
    );
    const first = await drain(50);
    const second = await drain(50);
    expect(prepared[0]).toBe(20);
    expect(first.count).toBe(20);
    // At least one step, where the machine stood still meanwhile.
    expect(second.count).toBe(Math.max(1, Math.round((first.perSecond * 50) / 1_000 / 5)) * 5);
    expect(waiting).toBe(0);
  });

  it("goes on with its first call until it is warm", async () => {
    let drained = 0;
    // Time passes by draining only.
    let nowMs = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    onTestFinished(() => clock.mockRestore());
    const drain = createDrain(
      {
        prepare: async () => {},
        drain: async () => {
          drained += 1;
          nowMs += 5;
        },
      },
      { first: 1, warmUpMs: 20 },
    );
    const { count } = await drain(1);
    expect(drained).toBeGreaterThan(1);
    expect(count).toBeGreaterThanOrEqual(drained);
    const before = drained;
    await drain(1);
    expect(drained).toBe(before + 1);
  });
});
