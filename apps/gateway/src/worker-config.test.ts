import type { Worker } from "node:cluster";
import { describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import type { ToWorker } from "./ipc.ts";
import { createWorkerConfig, type WorkerConfig } from "./worker-config.ts";

type Told = Extract<ToWorker, { readonly kind: "configure" }>;

describe("createWorkerConfig", () => {
  it("tells who begins since when the configuration holds, not since when it is told", async () => {
    const [first, next] = [configOf(4100), configOf(4101)];
    const configs = createWorkerConfig({ config: first, sinceMs: 1, processes: 2 });
    const [early, later] = [createWorker(configs), createWorker(configs)];
    configs.ready(early.worker);
    await configs.change(next, 2);
    configs.ready(later.worker);
    expect([...early.told, ...later.told].map(({ config }) => config)).toEqual([first, next, next]);
    expect([...early.told, ...later.told].map(({ sinceMs }) => sinceMs)).toEqual([1, 2, 2]);
  });

  it("goes back, where one cannot follow, from then on", async () => {
    const configs = createWorkerConfig({ config: configOf(4100), sinceMs: 1, processes: 2 });
    const [willing, unable] = [createWorker(configs), createWorker(configs, "unable")];
    for (const { worker } of [willing, unable]) configs.ready(worker);
    const changedMs = Date.now();
    await expect(configs.change(configOf(4101), changedMs)).rejects.toThrow("unable");
    expect(willing.told.map(({ config }) => config.port)).toEqual([4100, 4101, 4100]);
    const [, change, back] = willing.told.map(({ sinceMs }) => sinceMs);
    expect(change).toBe(changedMs);
    expect(back).toBeGreaterThanOrEqual(changedMs);
  });
});

function configOf(port: number) {
  const loaded = loadConfig({ env: { PORT: String(port) }, readFile: () => "" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** As much of a worker as is told something, and what it was told. */
function createWorker(configs: WorkerConfig, problem?: string) {
  const told: Told[] = [];
  const process = {
    isConnected: () => true,
    send: (message: Told) => {
      told.push(message);
      // After the round it belongs to has begun.
      queueMicrotask(() => configs.confirmed(worker, message.id, problem));
    },
  };
  const worker = process as unknown as Worker;
  return { worker, told };
}
