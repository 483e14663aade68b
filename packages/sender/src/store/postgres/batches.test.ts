import { until } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import { createBatches } from "./batches.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

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
  it("sends what comes while four are under way together", async () => {
    const { runs, call, run } = open();
    for (const name of ["a", "b", "c", "d"]) await run(name);
    const waiting = Promise.all([call("e"), call("f")]);
    await turn();
    expect(runs).toHaveLength(4);
    runs[0]?.end();
    await until(() => runs.length === 5);
    expect(runs[4]?.calls).toEqual(["e", "f"]);
    runs[4]?.end();
    expect(await waiting).toEqual(["e", "f"]);
  });

  it("begins as soon as there is enough for a batch, and leaves fewer together", async () => {
    const { runs, call } = open({ size: 100 });
    const all = Promise.all(["a", "b", "c", "d", "e"].map(call));
    // Nobody has waited for anything yet.
    expect(runs.map(({ calls }) => calls)).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    await turn();
    expect(runs[2]?.calls).toEqual(["e"]);
    for (const { end } of runs) end();
    expect(await all).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("sends together what has gathered behind four, when one of them has ended", async () => {
    const { runs, call } = open({ size: 100 });
    const first = ["a", "b", "c", "d"].flatMap((name) => [call(name), call(`${name}2`)]);
    expect(runs).toHaveLength(4);
    const rest = Array.from({ length: 8 }, (_, index) => `${index}`);
    const answers = Promise.all([...first, ...rest.map(call)]);
    await turn();
    expect(runs).toHaveLength(4);
    runs[0]?.end();
    await until(() => runs.length === 5);
    expect(runs[4]?.calls).toEqual(rest);
    for (const { end } of runs.slice(1)) end();
    expect(await answers).toHaveLength(16);
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
