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
});
