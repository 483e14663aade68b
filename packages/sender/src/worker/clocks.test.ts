import { join } from "node:path";
import { createTemporaryFolder, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteStore } from "../store/sqlite.ts";
import { DELIVERED, FAILED, playSender } from "../test-support/played-sender.ts";
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
      Object.entries(clocks).map(([name, clockMs]) =>
        fleet.start({ name, clockMs, storeTimeoutMs: 60_000, worker: SETTINGS }),
      ),
    );
    load.start(50);
    await share(names);
    for (const { child } of fleet.workers) child.signal("SIGUSR2");
    await until(() => fleet.workers.every(({ said }) => said().some(({ kind }) => kind === "flipped")), {
      timeoutMs: 60_000,
    });
    await share(names);
    const published = await load.stop();
    const isDone = () => witness.seen.length >= published * endpoints.length;
    await until(isDone, { timeoutMs: 120_000, what: "everything once" });
    await load.finished(2 * early * endpoints.length);

    const sent = new Set(witness.seen.map(({ event, endpoint }) => `${event} ${endpoint}`));
    expect(sent.size).toBe(published * endpoints.length);
    expect(witness.seen).toHaveLength(sent.size);
    expect(troublesOf(fleet)).toEqual([]);
    const now = Date.now() / 1_000;
    expect(witness.seen.filter(({ sentAt }) => Math.abs(now - sentAt) > 300)).toEqual([]);
  });
});

describe("a worker on SQLite", () => {
  const rightNow = Date.now;
  let setMs = 0;
  beforeEach(() => {
    setMs = 0;
    Date.now = () => rightNow() + setMs;
  });
  afterEach(() => {
    Date.now = rightNow;
  });

  it.each([-HOUR_MS, HOUR_MS])(
    "goes on, and sends nothing twice, when the clock is set by %i ms",
    async (jumpMs) => {
      const folder = createTemporaryFolder("hooks-clock");
      const store = createSqliteStore({ path: join(folder.path, "sender.db") });
      // What is tried first fails, and nothing after that.
      const answer = () => (sent.length === 1 ? FAILED : DELIVERED);
      const { sender, sent } = playSender({ store, answer, schedule: [0, 400, 10 * HOUR_MS] });
      const { id: subscriber } = await sender.subscribers.create({ name: "test" });
      await sender.endpoints.create({ subscriber, url: "https://example.com/hooks" });
      await sender.start();
      const publish = () => sender.publish({ type: "invoice.paid", data: {} });
      await publish();
      await until(() => sent.length === 1);
      setMs = jumpMs;
      // What was to be tried again soon is, and what is published now goes at once.
      await publish();
      const delivered = async () => (await sender.deliveries.list({ limit: 9, state: "delivered" })).length;
      await until(async () => (await delivered()) === 2, { what: "both" });
      expect(sent).toHaveLength(3);
      await sender.stop();
      folder.remove();
    },
  );
});
