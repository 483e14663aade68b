import { until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";
import { shardOf } from "../core/sharding.ts";
import { openLeases } from "../test-support/leases.ts";
import { createScene, endpointsIn, retriedOf, type Scene } from "../test-support/scene.ts";
import { disorderIn, overlapsIn, type Seen } from "../test-support/witness.ts";

/** No lease ends by itself: the test ends those of the workers that it has killed. */
const SETTINGS = {
  leaseMs: 600_000,
  heartbeatMs: 400,
  pollMs: 100,
  schedule: Array.from({ length: 30 }, (_, index) => (index === 0 ? 0 : 20)),
};
const POISON = "evt_poison";
const OTHERS = ["s1", "s2", "s3", "s4"];

/** The first event of a subject at one endpoint, which takes until something of each other has come there. */
function isSlow({ endpoint, subject, sequence }: Seen): boolean {
  return endpoint === "/subject/0" && subject === "s0" && sequence === 1;
}

describeWithServer("postgres", "workers that are killed", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await createScene();
  });
  afterEach(() => scene.close());

  it("keep the order of every key and hold up no other, and park what kills them after three times", async () => {
    const { fleet, witness, share } = scene;
    const endpoints = endpointsIn(8);
    const [poisoned] = endpoints.filter(({ ordering }) => ordering === "none");
    const poisonedPath = `/none/${poisoned!.shard}`;
    const load = await scene.createLoad({ endpoints, subjects: 5 });
    const births: Promise<unknown>[] = [];
    const bear = () =>
      births.push(fleet.start({ name: `w${births.length + 1}`, storeTimeoutMs: 60_000, worker: SETTINGS }));
    let kills = 0;
    const killedPids: number[] = [];
    const kill = (name: string) => {
      const { child } = fleet.named(name);
      kills += 1;
      child.signal("SIGKILL");
      void child.exited.then(() => killedPids.push(child.pid));
      bear();
    };
    const leases = await openLeases(scene.server.url);
    /** Waits, and has the others take over from those that were killed. */
    const untilTakenOver = (what: string, isSo: () => boolean | Promise<boolean>) =>
      until(
        async () => {
          // More than once: what a worker has said last may come to the server after its death.
          await leases.lapse(killedPids);
          return isSo();
        },
        { timeoutMs: 120_000, everyMs: 50, what },
      );
    let slow: Seen | undefined;
    const passing = new Set<string>();
    const passed = Promise.withResolvers<void>();
    const requests = new Map<string, number>();
    witness.answerWith((seen) => {
      if (seen.event === POISON && seen.endpoint === poisonedPath) {
        kill(seen.worker);
        return { delayMs: 60_000 };
      }
      const key = `${seen.event} ${seen.endpoint}`;
      if (isSlow(seen)) slow = seen;
      else if (seen.endpoint === slow?.endpoint && passing.add(seen.subject ?? "").size === OTHERS.length)
        passed.resolve();
      const count = (requests.get(key) ?? 0) + 1;
      requests.set(key, count);
      // One in seven of each subject fails at first, some of them twice.
      const { sequence = 0 } = seen;
      const place = sequence + Number(seen.subject?.slice(1) ?? 0);
      const fails = place % 7 === 4 && count <= 1 + (shardOf(key) % 2);
      return { status: fails ? 500 : 200, delayMs: 2, ...(isSlow(seen) ? { after: passed.promise } : {}) };
    });
    for (let count = 0; count < 3; count += 1) bear();
    await Promise.all(births);
    load.start(250);
    await share(["w1", "w2", "w3"]);
    // What is in flight with the poison at its first crash is suspected with it, and would go one by one before it.
    await load.stop();
    await load.finished();
    const data = { object: { id: "poison" } };
    await load.sender.publish({ type: "invoice.paid", id: POISON, data });
    await until(() => kills > 0, { timeoutMs: 60_000, what: "a kill by the poison" });
    load.start(250);
    await untilTakenOver("three kills by the poison", () => kills === 3);
    const parked = () => load.sender.deliveries.list({ limit: 9, state: "dead" });
    await untilTakenOver("the end of the poison", async () => (await parked()).length > 0);
    await leases.close();
    const published = (await load.stop()) + 1;
    await load.finished();
    await Promise.all(births);

    expect(kills).toBe(3);
    const dead = await parked();
    expect(dead).toMatchObject([{ event: POISON, attempts: 3, reason: "interrupted_repeatedly" }]);
    expect(requests.size).toBe(published * endpoints.length - 1);
    expect(overlapsIn(witness.seen)).toEqual([]);
    expect(disorderIn(scene.ordered())).toEqual([]);
    const meanwhile = witness.seen.filter(
      (one) =>
        one.endpoint === slow?.endpoint &&
        one.startedMs > slow.startedMs &&
        one.startedMs < (slow.endedMs ?? 0) &&
        !isSlow(one),
    );
    const others = new Set(meanwhile.flatMap(({ subject }) => subject ?? []));
    expect(others).toEqual(new Set(OTHERS));
    const retried = await retriedOf(load);
    expect(retried.filter(({ delivery, outcomes }) => delivery.attempts !== outcomes.length)).toEqual([]);
    const known = new Set(["interrupted", "http_status", "delivered"]);
    expect(retried.flatMap(({ outcomes }) => outcomes).filter((outcome) => !known.has(outcome))).toEqual([]);
    const delivered = retried.filter(({ delivery }) => delivery.state === "delivered");
    for (const { delivery, outcomes } of delivered) {
      expect(outcomes.filter((outcome) => outcome === "delivered")).toHaveLength(1);
      const made = witness.seen.filter(
        ({ event, endpoint }) =>
          event === delivery.event && endpoint.endsWith(`/${shardOf(delivery.endpoint)}`),
      );
      expect(made.length).toBeLessThanOrEqual(outcomes.length);
    }
  });
});
