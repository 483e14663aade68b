import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { until } from "./until.ts";

/** Starts a `sleep` and says its pid. */
const script = `
import { startChild } from ${JSON.stringify(import.meta.resolve("./child.ts"))};
console.log((await startChild("sleep", ["600"])).pid);
setInterval(() => {}, 1_000);`;

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("startChild", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "leaves nothing behind when %s ends a run",
    async (signal) => {
      const run = spawn(process.execPath, ["--input-type=module", "--eval", script]);
      const exited = once(run, "exit");
      const [line] = (await once(createInterface(run.stdout), "line")) as [string];
      const pid = Number(line);
      expect(isRunning(pid)).toBe(true);
      run.kill(signal);
      expect(await exited).toEqual([null, signal]);
      await until(() => !isRunning(pid));
    },
  );
});
