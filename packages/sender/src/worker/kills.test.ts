import { until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";
import { shardOf } from "../core/sharding.ts";
import { createScene, endpointsIn, retriedOf, type Scene } from "../test-support/scene.ts";
import { disorderIn, overlapsIn, type Seen } from "../test-support/witness.ts";

/** In a hurry: what is left behind is taken up after three seconds. */
const SETTINGS = {
  leaseMs: 3_000,
  heartbeatMs: 400,
  pollMs: 100,
  schedule: Array.from({ length: 30 }, (_, index) => (index === 0 ? 0 : 20)),
};
const POISON = "evt_poison";
/** The first event of a subject at one endpoint takes so long. */
const SLOW_MS = 2_500;

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
    const bear = () => births.push(fleet.start({ name: `w${births.length + 1}`, worker: SETTINGS }));
    let kills = 0;
    const kill = (name: string) => {
      kills += 1;
      fleet.named(name).child.signal("SIGKILL");
      bear();
    };
    const requests = new Map<string, number>();
    witness.answerWith((seen) => {
      if (seen.event === POISON && seen.endpoint === poisonedPath) {
        kill(seen.worker);
        return { delayMs: 60_000 };
      }
      const key = `${seen.event} ${seen.endpoint}`;
      const count = (requests.get(key) ?? 0) + 1;
      requests.set(key, count);
      // One in seven of each subject fails at first, some of them twice.
      const { sequence = 0 } = seen;
      const place = sequence + Number(seen.subject?.slice(1) ?? 0);
      const fails = place % 7 === 4 && count <= 1 + (shardOf(key) % 2);
      return { status: fails ? 500 : 200, delayMs: isSlow(seen) ? SLOW_MS : 2 };
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
    await until(() => kills > 0, { timeoutMs: 30_000 });
    load.start(250);
    await until(() => kills === 3, { timeoutMs: 60_000, what: "three kills by the poison" });
    const parked = () => load.sender.deliveries.list({ limit: 9, state: "dead" });
    await until(async () => (await parked()).length > 0, {
      timeoutMs: 20_000,
      what: "the end of the poison",
    });
    const published = (await load.stop()) + 1;
    await load.finished();
    await Promise.all(births);

    expect(kills).toBe(3);
    const dead = await parked();
    expect(dead).toMatchObject([{ event: POISON, attempts: 3, reason: "interrupted_repeatedly" }]);
    expect(requests.size).toBe(published * endpoints.length - 1);
    expect(overlapsIn(witness.seen)).toEqual([]);
    expect(disorderIn(scene.ordered())).toEqual([]);
    const [first] = witness.seen.filter(isSlow);
    const meanwhile = witness.seen.filter(
      (one) =>
        one.endpoint === first!.endpoint &&
        one.startedMs > first!.startedMs &&
        one.startedMs < first!.startedMs + SLOW_MS &&
        !isSlow(one),
    );
    const others = new Set(meanwhile.flatMap(({ subject }) => subject ?? []));
    expect(others).toEqual(new Set(["s1", "s2", "s3", "s4"]));
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
