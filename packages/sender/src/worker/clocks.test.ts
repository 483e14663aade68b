import { until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createScene, endpointsIn, troublesOf, type Scene } from "../test-support/scene.ts";

const HOUR_MS = 3_600_000;
/** No lease ends while a test takes its time, unless a clock says so. */
const SETTINGS = { leaseMs: HOUR_MS / 2, heartbeatMs: 200, pollMs: 100, schedule: [0, HOUR_MS, HOUR_MS] };

describeWithServer("postgres", "workers whose clocks are wrong", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await createScene();
  });
  afterEach(() => scene.close());

  it("take nothing from each other, send nothing before its time or twice, and tell the right time", async () => {
    const { fleet, witness, share } = scene;
    const endpoints = endpointsIn(2).map(({ shard }) => ({ shard }));
    const load = await scene.createLoad({ endpoints, subjects: 2 });
    // What comes first fails, and is to be tried again in an hour.
    const early = 2;
    witness.answerWith(({ sequence = 0 }) => ({ status: sequence <= early ? 500 : 200 }));
    const clocks = { right: 0, ahead: 5 * HOUR_MS, behind: -5 * HOUR_MS };
    const names = Object.keys(clocks);
    await Promise.all(
      Object.entries(clocks).map(([name, clockMs]) => fleet.start({ name, clockMs, worker: SETTINGS })),
    );
    load.start(50);
    await share(names);
    for (const { child } of fleet.workers) child.signal("SIGUSR2");
    await until(() => fleet.workers.every(({ said }) => said().some(({ kind }) => kind === "flipped")));
    await share(names);
    const published = await load.stop();
    const isDone = () => witness.seen.length >= published * endpoints.length;
    await until(isDone, { timeoutMs: 20_000, what: "everything once" });
    await load.finished(2 * early * endpoints.length);

    const sent = new Set(witness.seen.map(({ event, endpoint }) => `${event} ${endpoint}`));
    expect(sent.size).toBe(published * endpoints.length);
    expect(witness.seen).toHaveLength(sent.size);
    expect(troublesOf(fleet)).toEqual([]);
    const now = Date.now() / 1_000;
    expect(witness.seen.filter(({ sentAt }) => Math.abs(now - sentAt) > 300)).toEqual([]);
  }, 120_000);
});
