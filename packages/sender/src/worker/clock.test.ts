import { describe, expect, it } from "vitest";
import { createWorkerClock } from "./clock.ts";

const HOUR_MS = 3_600_000;

/** A machine whose clock can be set. */
function createMachine() {
  const machine = { setMs: 0, elapsedMs: 500 };
  const elapsed = () => machine.elapsedMs;
  const now = () => 1_000_000_000 + machine.elapsedMs + machine.setMs;
  return { machine, now, clock: createWorkerClock({ now, elapsed }) };
}

describe("createWorkerClock", () => {
  it("follows the machine's clock, also when it is set forward", () => {
    const { machine, now, clock } = createMachine();
    for (const setMs of [0, HOUR_MS]) {
      machine.elapsedMs += 10;
      machine.setMs = setMs;
      expect([clock.now(), clock.wall()]).toEqual([now(), now()]);
    }
  });

  it("goes on from where it was when the machine's is set back, and tells others the new time", () => {
    const { machine, now, clock } = createMachine();
    const before = clock.now();
    machine.setMs = -HOUR_MS;
    machine.elapsedMs += 70.5;
    expect(clock.now()).toBe(before + 70);
    expect(clock.wall()).toBe(Math.floor(now()));
    machine.elapsedMs += 29.5;
    expect(clock.now()).toBe(before + 100);
  });

  it("goes by the store's time as soon as it knows it, whatever the machine says before or after", () => {
    const { machine, clock } = createMachine();
    machine.setMs = 24 * HOUR_MS;
    clock.now();
    clock.set(7_000_000);
    machine.setMs = -24 * HOUR_MS;
    machine.elapsedMs += 3_000;
    expect([clock.now(), clock.wall()]).toEqual([7_003_000, 7_003_000]);
  });

  it("does not go back with the store's clock either", () => {
    const { machine, clock } = createMachine();
    clock.set(9 * HOUR_MS);
    expect(clock.now()).toBe(9 * HOUR_MS);
    clock.set(8 * HOUR_MS);
    machine.elapsedMs += 5;
    expect([clock.now(), clock.wall()]).toEqual([9 * HOUR_MS + 5, 8 * HOUR_MS + 5]);
  });

  it("is the clock it was given where that is no machine's", () => {
    let timeMs = 5;
    const clock = createWorkerClock({ now: () => timeMs, elapsed: undefined });
    clock.set(100);
    timeMs = 4;
    expect([clock.now(), clock.wall()]).toEqual([4, 4]);
  });
});
