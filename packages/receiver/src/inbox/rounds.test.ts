import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRounds } from "./rounds.ts";

const names = (count: number): ReadonlySet<string> =>
  new Set(Array.from({ length: count }, (_, index) => `s${index}`));

describe("createRounds", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("gives each its turn once in a round, however often it is asked", () => {
    const rounds = createRounds({ everyMs: 100, roundMs: (count) => Math.max(100, count) });
    const many = names(1_000);
    expect(rounds(many)).toEqual([]);
    const given: string[] = [];
    for (let ms = 0; ms < 1_000; ms += 10) {
      vi.advanceTimersByTime(10);
      given.push(...rounds(many));
    }
    expect(given).toEqual([...many]);
    vi.advanceTimersByTime(100);
    expect(rounds(many)).toEqual(given.slice(0, 100));
  });

  it("gives few no more often than that, and all of them after a long time", () => {
    const rounds = createRounds({ everyMs: 100, roundMs: () => 60_000 });
    const few = names(3);
    rounds(few);
    vi.advanceTimersByTime(19_900);
    expect(rounds(few)).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(rounds(few)).toEqual(["s0"]);
    vi.advanceTimersByTime(3_600_000);
    expect(rounds(few)).toEqual(["s1", "s2", "s0"]);
  });

  it("keeps the rounds of several sets apart", () => {
    const rounds = createRounds({ everyMs: 100, roundMs: () => 100 });
    const [one, two] = [names(2), new Set(["other"])];
    for (const set of [one, two]) rounds(set);
    vi.advanceTimersByTime(100);
    expect([rounds(one), rounds(two)]).toEqual([["s0", "s1"], ["other"]]);
  });
});
