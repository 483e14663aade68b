import { until } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import { createLanes } from "./lanes.ts";
import { createScan, restAfter } from "./scan.ts";
import { systemTimers } from "./timers.ts";

describe("restAfter", () => {
  it("is ten times as long as a scan took, and never so long that what is due waits for it", () => {
    expect([0, 1, 5, 100, 6_000].map(restAfter)).toEqual([20, 20, 50, 1_000, 2_000]);
  });
});

describe("createScan", () => {
  it("scans one at a time, however often it is asked, and again when it was asked meanwhile", async () => {
    let looks = 0;
    const answers: (() => void)[] = [];
    const scanning = createScan({
      store: {
        due: async () => {
          looks += 1;
          await new Promise<void>((resolve) => void answers.push(resolve));
          return { endpoints: [] };
        },
      },
      lanes: createLanes(),
      owned: () => new Map(),
      now: Date.now,
      timers: systemTimers,
      report: () => {},
      pollMs: 3_600_000,
      onScanned: async () => {},
    });
    scanning.start();
    const scans = [scanning.scan(), scanning.scan(), scanning.scan()];
    expect(looks).toBe(1);
    answers.pop()?.();
    await Promise.all(scans);
    await until(() => looks === 2);
    answers.pop()?.();
    scanning.stop();
  });
});
