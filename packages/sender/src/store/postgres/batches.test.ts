import { until } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import { createBatches } from "./batches.ts";

interface Run {
  readonly calls: readonly string[];
  readonly end: (error?: Error) => void;
}

function open({ isWorthSplitting = false, size = 1 } = {}) {
  const runs: Run[] = [];
  const clock = { nowMs: 0 };
  const call = createBatches<string, string>({
    run: (calls) =>
      new Promise((resolve, reject) => {
        const end: Run["end"] = (error) => (error === undefined ? resolve(calls) : reject(error));
        runs.push({ calls, end });
      }),
    isWorthSplitting: () => isWorthSplitting,
    sizeOf: () => size,
    elapsed: () => clock.nowMs,
  });
  /** Calls alone, and waits until it is under way. */
  const run = async (name: string): Promise<Promise<string>[]> => {
    const before = runs.length;
    const answer = call(name);
    answer.catch(() => {});
    await until(() => runs.length > before);
    return [answer];
  };
  return { runs, clock, call, run };
}

describe("createBatches", () => {
  it("sends what comes while two are under way together", async () => {
    const { runs, call, run } = open();
    await run("a");
    await run("b");
    const waiting = Promise.all([call("c"), call("d")]);
    runs[0]?.end();
    await until(() => runs.length === 3);
    expect(runs[2]?.calls).toEqual(["c", "d"]);
    runs[2]?.end();
    expect(await waiting).toEqual(["c", "d"]);
  });

  it("shares many out among two, and leaves few together", async () => {
    for (const { size, expected } of [
      {
        size: 100,
        expected: [
          ["a", "b"],
          ["c", "d"],
        ],
      },
      { size: 50, expected: [["a", "b", "c", "d"]] },
    ]) {
      const { runs, call } = open({ size });
      const all = Promise.all(["a", "b", "c", "d"].map(call));
      await until(() => runs.length === expected.length);
      for (const { end } of runs) end();
      expect(await all).toEqual(["a", "b", "c", "d"]);
      expect(runs.map(({ calls }) => calls)).toEqual(expected);
    }
  });

  it("refuses with a batch those that have waited for it, and tries with those that came just now", async () => {
    const { runs, clock, call, run } = open();
    const [first] = await run("a");
    await run("b");
    const patient = call("c");
    clock.nowMs = 300;
    const late = call("d");
    runs[0]?.end(new Error("away"));
    await expect(first).rejects.toThrow("away");
    await expect(patient).rejects.toThrow("away");
    await until(() => runs.length === 3);
    expect(runs[2]?.calls).toEqual(["d"]);
    runs[2]?.end();
    expect(await late).toBe("d");
  });

  it("tries one by one what may be one call's fault, and refuses nobody else for it", async () => {
    const { runs, clock, call, run } = open({ isWorthSplitting: true });
    await run("a");
    await run("b");
    const both = Promise.allSettled([call("c"), call("d")]);
    runs[0]?.end();
    await until(() => runs.length === 3);
    clock.nowMs = 300;
    runs[2]?.end(new Error("wrong"));
    await until(() => runs.length === 4);
    runs[3]?.end(new Error("wrong"));
    await until(() => runs.length === 5);
    runs[4]?.end();
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });
});
