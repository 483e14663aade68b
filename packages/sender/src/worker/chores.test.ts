import { until } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import { createChores } from "./chores.ts";
import { systemTimers } from "./timers.ts";

describe("createChores", () => {
  it("does chores from when it is in charge, also after it was not", async () => {
    let isInCharge = false;
    let done = 0;
    const chores = createChores({
      chores: [async () => (done += 1) === 2],
      isInCharge: () => isInCharge,
      pollMs: 5,
      now: Date.now,
      timers: systemTimers,
      report: () => {},
    });
    chores.start();
    chores.run();
    expect(done).toBe(0);
    isInCharge = true;
    await until(() => done >= 4);
    await chores.stop();
    const before = done;
    chores.run();
    expect(done).toBe(before);
  });

  it("comes back after as long as a chore says, and at once when there is more", async () => {
    const answers: readonly (boolean | number)[] = [true, 1, 0, 2];
    let done = 0;
    const chores = createChores({
      chores: [async () => answers[(done += 1) - 1] ?? false],
      isInCharge: () => true,
      now: Date.now,
      timers: systemTimers,
      pollMs: 3_600_000,
      report: () => {},
    });
    chores.start();
    await until(() => done === 5);
    await chores.stop();
  });
});
