import { startPostgres, until, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Delivery } from "../core/model.ts";
import { SHARD_COUNT } from "../core/sharding.ts";
import { createPostgresStore } from "../store/postgres.ts";
import { createFleet, type Fleet } from "../test-support/fleet.ts";
import { createLoad, type Load, type LoadOptions } from "../test-support/load.ts";
import { disorderIn, overlapsIn, startWitness, type Witness } from "../test-support/witness.ts";

/** One of every `every`th shard; one in three goes by subject. */
const endpointsIn = (every: number) =>
  Array.from({ length: SHARD_COUNT / every }, (_, index) => ({
    shard: index * every,
    ordering: index % 3 === 0 ? ("subject" as const) : ("none" as const),
  }));
/** Longer than any test: nothing that goes on has waited for a lease to end. */
const NEVER_MS = 600_000;

describeWithServer("postgres", "workers in processes of their own", () => {
  let server: PostgresServer;
  let witness: Witness;
  let fleet: Fleet;
  const loads: Load[] = [];
  beforeEach(async () => {
    server = await startPostgres({ settings: { fsync: "off" } });
    witness = await startWitness();
    fleet = createFleet(server.url);
  });
  afterEach(async () => {
    for (const load of loads) await load.stop();
    await fleet.close();
    for (const load of loads.splice(0)) await load.sender.stop();
    await witness.close();
    await server.stop();
  });

  const createLoadHere = async (options: Pick<LoadOptions, "endpoints" | "subjects">) => {
    const store = createPostgresStore({ url: server.url, timeoutMs: 60_000 });
    const load = await createLoad({ store, url: witness.url, ...options });
    loads.push(load);
    return load;
  };
  const servedBy = (since: number) => new Set(witness.seen.slice(since).map(({ worker }) => worker));
  /** Every one of these workers has sent something from now on, and nobody else does. */
  const share = async (names: readonly string[]) => {
    const all = new Set(names);
    let since = witness.seen.length;
    const isShared = () => {
      const served = servedBy(since);
      if ([...served].some((name) => !all.has(name))) since = witness.seen.length;
      return served.size === all.size && [...served].every((name) => all.has(name));
    };
    await until(isShared, { timeoutMs: 20_000, what: `a share of the work for ${names.join(", ")}` }).catch(
      (e) => {
        console.log(
          names,
          since,
          witness.seen.length,
          [...Map.groupBy(witness.seen.slice(since), (o) => o.worker)].map(([k, v]) => [k, v.length]),
          fleet.workers.map((w) => w.child.output().slice(-400)),
        );
        throw e;
      },
    );
  };
  const ordered = () => witness.seen.filter(({ endpoint }) => endpoint.startsWith("/subject"));

  it("share the work, two, eight, then one, and nothing is sent twice, at the same time or out of order", async () => {
    const endpoints = endpointsIn(1);
    const load = await createLoadHere({ endpoints, subjects: 2 });
    witness.answerWith(() => ({ delayMs: 4 }));
    const worker = { leaseMs: NEVER_MS, heartbeatMs: 150, pollMs: 100 };
    const names = Array.from({ length: 8 }, (_, index) => `w${index}`);
    const start = (some: readonly string[]) => Promise.all(some.map((name) => fleet.start({ name, worker })));
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
    expect(disorderIn(ordered())).toEqual([]);
    expect(fleet.workers.flatMap(({ said }) => said()).filter(isTrouble)).toEqual([]);
  }, 90_000);

  it("take up the work of one that is killed and one that stands still, and believe nothing that it says later", async () => {
    const endpoints = endpointsIn(4);
    const load = await createLoadHere({ endpoints, subjects: 4 });
    witness.answerWith(() => ({ delayMs: 50 }));
    // With the lease and heartbeat of a sender that is told nothing, for which the promise is made.
    const names = ["killed", "paused", "heir"];
    const [killed, paused] = await Promise.all(names.map((name) => fleet.start({ name, worker: {} })));
    load.start(100);
    await share(names);
    const struckMs = performance.now();
    paused!.child.signal("SIGSTOP");
    await killed!.kill();
    const served = () =>
      witness.seen.filter(({ worker, startedMs }) => worker === "heir" && startedMs > struckMs);
    const isServed = () => new Set(served().map(({ endpoint }) => endpoint)).size === endpoints.length;
    await until(isServed, { timeoutMs: 30_000, everyMs: 5, what: "an heir for every endpoint" });
    expect(performance.now() - struckMs).toBeLessThan(15_000);
    paused!.child.signal("SIGCONT");
    await until(() => paused!.said().some(({ kind }) => kind === "unsettled"));
    await share(["paused", "heir"]);
    const published = await load.stop();
    await load.finished();

    const requests = Map.groupBy(witness.seen, ({ event, endpoint }) => `${event} ${endpoint}`);
    expect(requests.size).toBe(published * endpoints.length);
    expect(overlapsIn(witness.seen)).toEqual([]);
    expect(disorderIn(ordered())).toEqual([]);
    const again = [...requests.values()].filter(({ length }) => length > 1);
    const attempts = await attemptsOf(load);
    const interrupted = attempts.filter(({ outcomes }) => outcomes.includes("interrupted"));
    expect(again.length).toBeGreaterThan(0);
    expect(again.length).toBeLessThanOrEqual(interrupted.length);
    expect(interrupted.map(({ outcomes }) => outcomes)).toEqual(
      interrupted.map(() => ["interrupted", "delivered"]),
    );
    expect(attempts.filter(({ delivery, outcomes }) => delivery.attempts !== outcomes.length)).toEqual([]);
  }, 90_000);
});

function isTrouble({ kind }: { readonly kind: string }): boolean {
  return kind === "unsettled" || kind === "fault";
}

/** Every delivery that was not delivered at once, with what its attempts came to. */
async function attemptsOf({ sender }: Load) {
  const found: { readonly delivery: Delivery; readonly outcomes: readonly string[] }[] = [];
  const limit = 1_000;
  let page = await sender.deliveries.list({ limit });
  while (page.length > 0) {
    for (const delivery of page.filter(({ attempts, state }) => attempts !== 1 || state !== "delivered")) {
      const attempts = await sender.deliveries.attempts(delivery.id);
      found.push({ delivery, outcomes: attempts.map(({ outcome }) => outcome) });
    }
    page = await sender.deliveries.list({ limit, after: page.at(-1)!.id });
  }
  return found;
}
