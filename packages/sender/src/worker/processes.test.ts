import { until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WORKER_DEFAULTS } from "../worker.ts";
import { openLeases } from "../test-support/leases.ts";
import { createScene, endpointsIn, retriedOf, troublesOf, type Scene } from "../test-support/scene.ts";
import { disorderIn, overlapsIn } from "../test-support/witness.ts";

/** Of a sender that is told nothing. */
const { leaseMs, heartbeatMs, pollMs } = WORKER_DEFAULTS;

/** Longer than any test: nothing that goes on has waited for a lease to end. */
const NEVER_MS = 600_000;

describeWithServer("postgres", "workers in processes of their own", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await createScene();
  });
  afterEach(() => scene.close());

  it("share the work, two, eight, then one, and nothing is sent twice, at the same time or out of order", async () => {
    const { fleet, witness, share } = scene;
    const endpoints = endpointsIn(1);
    const load = await scene.createLoad({ endpoints, subjects: 2 });
    witness.answerWith(() => ({ delayMs: 4 }));
    const worker = { leaseMs: NEVER_MS, heartbeatMs: 150, pollMs: 100 };
    const names = Array.from({ length: 8 }, (_, index) => `w${index}`);
    const start = (some: readonly string[]) =>
      Promise.all(some.map((name) => fleet.start({ name, storeTimeoutMs: 60_000, worker })));
    await start(names.slice(0, 2));
    load.start(100);
    await share(names.slice(0, 2));
    await start(names.slice(2));
    await share(names);
    const ended = await Promise.all(names.slice(1).map((name) => fleet.named(name).end()));
    await share(names.slice(0, 1));
    const published = await load.stop();
    await load.finished();
    expect(ended.map(({ takesSince }) => takesSince)).toEqual(names.slice(1).map(() => 0));
    expect(witness.seen).toHaveLength(published * endpoints.length);
    expect(new Set(witness.seen.map(({ event, endpoint }) => `${event} ${endpoint}`)).size).toBe(
      witness.seen.length,
    );
    expect(overlapsIn(witness.seen)).toEqual([]);
    expect(disorderIn(scene.ordered())).toEqual([]);
    expect(troublesOf(fleet)).toEqual([]);
  });

  it("take up the work of one that is killed and one that stands still, and believe nothing that it says later", async () => {
    const { fleet, witness, share } = scene;
    const endpoints = endpointsIn(4);
    const load = await scene.createLoad({ endpoints, subjects: 4 });
    witness.answerWith(() => ({ delayMs: 50 }));
    // With the lease and heartbeat of a sender that is told nothing, for which the promise is made.
    const names = ["killed", "paused", "heir"];
    const [killed, paused, heir] = await Promise.all(names.map((name) => fleet.start({ name, worker: {} })));
    load.start(100);
    await share(names);
    // Whoever is struck has something in flight.
    const struck = Promise.withResolvers<void>();
    witness.answerWith(({ worker }) => (worker === "heir" ? { delayMs: 50 } : { after: struck.promise }));
    const isSending = (name: string) =>
      witness.seen.some(({ worker, endedMs }) => worker === name && endedMs === undefined);
    await until(() => isSending("paused") && isSending("killed"), { what: "something in flight" });
    const leases = await openLeases(scene.server.url);
    const struckMs = performance.now();
    paused!.child.signal("SIGSTOP");
    await killed!.kill();
    struck.resolve();
    witness.answerWith(() => ({ delayMs: 50 }));
    const then = await leases.read();
    const endsMs = Math.max(
      ...[killed!, paused!].map(({ child }) => then.workers.get(child.pid)?.expiresMs ?? Infinity),
    );
    // When the heir has renewed its lease, by the server's clock.
    const renewedMs: number[] = [];
    const isInherited = async () => {
      const { workers, owners } = await leases.read();
      const { id = "", expiresMs = 0 } = workers.get(heir!.child.pid) ?? {};
      if (renewedMs.at(-1) !== expiresMs - leaseMs) renewedMs.push(expiresMs - leaseMs);
      return owners.size === 1 && owners.has(id);
    };
    await until(isInherited, { timeoutMs: 120_000, everyMs: 20, what: "an heir for every shard" });
    await leases.close();
    // It took them over with the first heartbeat after the lease had ended, so within the fifteen seconds of the promise.
    expect(endsMs - then.nowMs).toBeLessThanOrEqual(leaseMs);
    expect(renewedMs.filter((timeMs) => timeMs > endsMs)).toHaveLength(1);
    expect(leaseMs + heartbeatMs + pollMs).toBeLessThan(15_000);
    const served = () =>
      witness.seen.filter(({ worker, startedMs }) => worker === "heir" && startedMs > struckMs);
    const isServed = () => new Set(served().map(({ endpoint }) => endpoint)).size === endpoints.length;
    await until(isServed, { timeoutMs: 90_000, what: "an heir for every endpoint" });
    paused!.child.signal("SIGCONT");
    const isRefused = () => paused!.said().some(({ kind }) => kind === "unsettled");
    await until(isRefused, { timeoutMs: 90_000, what: "a result that comes too late" });
    await share(["paused", "heir"]);
    const published = await load.stop();
    await load.finished();

    const requests = Map.groupBy(witness.seen, ({ event, endpoint }) => `${event} ${endpoint}`);
    expect(requests.size).toBe(published * endpoints.length);
    expect(overlapsIn(witness.seen)).toEqual([]);
    expect(disorderIn(scene.ordered())).toEqual([]);
    const again = [...requests.values()].filter(({ length }) => length > 1);
    const retried = await retriedOf(load);
    expect(again.length).toBeGreaterThan(0);
    expect(again.length).toBeLessThanOrEqual(retried.length);
    expect(retried.map(({ outcomes }) => outcomes)).toEqual(retried.map(() => ["interrupted", "delivered"]));
    expect(retried.filter(({ delivery, outcomes }) => delivery.attempts !== outcomes.length)).toEqual([]);
  });
});
