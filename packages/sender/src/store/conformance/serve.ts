import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../core/model.ts";
import { shardOf } from "../../core/sharding.ts";
import type { Batch, OwnedShard, PublishResult, TakeFrom, TakenDelivery } from "../../store.ts";
import { type Bundle, T0, LEASE_MS } from "./bundle.ts";

/** A taker that offers these endpoints as they are given, and what has come of it. */
export function createTestTaker(
  worker: string,
  owned: readonly OwnedShard[],
  endpoints: readonly Endpoint[],
) {
  const batches: (Batch | undefined)[] = [];
  let open = 0;
  let most = 0;
  return {
    worker,
    offer(id: string, wanted: number) {
      const room = Math.min(wanted, ROOM);
      const shard = owned.find((one) => one.shard === shardOf(id));
      const endpoint = endpoints.find((one) => one.id === id);
      if (shard === undefined || endpoint === undefined) return undefined;
      open += 1;
      return { ...shard, endpoint: id, room, inFlight: new Set<string>(), knownRevision: endpoint.revision };
    },
    taken(from: readonly TakeFrom[], batch?: Batch) {
      open -= from.length;
      batches.push(batch);
      for (const { endpoint: id } of from)
        most = Math.max(most, batch?.deliveries.filter(({ endpoint }) => endpoint === id).length ?? 0);
    },
    batches,
    deliveries: (): readonly TakenDelivery[] => batches.flatMap((batch) => batch?.deliveries ?? []),
    open: () => open,
    /** How many were taken of an endpoint at once. */
    most: () => most,
  };
}

/** How many of an endpoint are to be taken at once. */
const ROOM = 2;

const renderOther = () =>
  ({ kind: "other", key: "k", version: "0.9.0", envelope: { before: '{"id":"x"', after: "}" } }) as const;

const namesOf = (deliveries: readonly TakenDelivery[]) =>
  deliveries.map(({ event, endpoint }) => `${event.id} ${endpoint}`);

const inWords = ({ event: { body, ...event }, ...delivery }: TakenDelivery) => ({
  ...delivery,
  event: { ...event, body: Buffer.from(body).toString() },
});

/** What publishers are to tell of. */
const toldOf = (results: readonly PublishResult[]) =>
  results.flatMap((result) =>
    result.kind === "published" ? result.endpoints.map((endpoint) => `${result.id} ${endpoint}`) : [],
  );

function createScene(bundle: Bundle) {
  /** Publishes an event that is not taken: a store that remembers who gets events knows it then. */
  const acquaint = async () => {
    const stop = bundle.store.serve(createTestTaker("w0", [], []));
    await bundle.store.publish([bundle.eventOf({ isFresh: true })], T0);
    stop();
  };
  /** A worker to whom nothing is due. */
  const workerOf = async (...endpoints: readonly Endpoint[]) => {
    const { owned } = await bundle.lease("w1");
    await acquaint();
    const { deliveries, id } = await bundle.take("w1", owned);
    await bundle.settle(deliveries, { state: "delivered" }, { batch: id });
    return { owned, taker: createTestTaker("w1", owned, endpoints) };
  };
  const eventsOf = (count: number) =>
    Array.from({ length: count }, () => bundle.eventOf({ isFresh: true, subject: "inv" }));
  return { acquaint, workerOf, eventsOf };
}

/** What holds whether or not a store takes along what is published. */
export function describeServe(bundle: Bundle): void {
  const { acquaint, workerOf, eventsOf } = createScene(bundle);

  /** What may have happened since a worker knew an endpoint and its shards; each gives who serves the endpoint then. */
  const changes: Readonly<Record<string, (endpoint: Endpoint) => Promise<string>>> = {
    "of an endpoint that has changed since": async (endpoint) => {
      await bundle.store.changeEndpoint({ ...endpoint, revision: 2, description: "new" });
      return "w1";
    },
    "of shards that another has by now": async () => {
      await bundle.lease("w2", T0 + LEASE_MS);
      return "w2";
    },
    "of shards that it has lost, and won again": async () => {
      await bundle.lease("w2", T0 + LEASE_MS);
      await bundle.store.release("w2");
      await bundle.lease("w1", T0 + LEASE_MS);
      return "w1";
    },
    "of shards that it has handed over": async ({ id }) => {
      await bundle.store.release("w1", [shardOf(id)]);
      return "w2";
    },
  };

  describe("serve", () => {
    it("has every delivery taken once, with the commit or later, and tells of the later ones", async () => {
      const endpoints = [await bundle.addEndpoint(), await bundle.addEndpoint()];
      const { owned, taker } = await workerOf(...endpoints);
      bundle.store.serve(taker);
      const calls = Array.from({ length: 4 }, () => eventsOf(3));
      const results = (await Promise.all(calls.map((call) => bundle.store.publish(call, T0)))).flat();
      const along = taker.deliveries();
      expect(taker.most()).toBeLessThanOrEqual(ROOM);
      const inFlight = new Set(along.map(({ id }) => id));
      const later = (await bundle.take("w1", owned, { room: 100, inFlight })).deliveries;
      const expected = calls.flat().flatMap(({ id: event }) => endpoints.map(({ id }) => `${event} ${id}`));
      expect(namesOf([...along, ...later]).toSorted()).toEqual(expected.toSorted());
      expect(toldOf(results).toSorted()).toEqual(namesOf(later).toSorted());
      expect(results.map((result) => result.kind === "published" && result.deliveries)).toEqual(
        results.map(() => 2),
      );
      expect(taker.open()).toBe(0);
    });

    it("gives what is taken with the commit as it would be taken later", async () => {
      const endpoint = await bundle.addEndpoint();
      const { owned, taker } = await workerOf(endpoint);
      bundle.store.serve(taker);
      await bundle.store.publish(eventsOf(1), T0);
      await bundle.store.publish(
        [bundle.eventOf({ isFresh: true, subject: "inv", render: renderOther })],
        T0,
      );
      // Nothing is in flight by this request.
      const { deliveries } = await bundle.take("w1", owned, { room: 100 });
      for (const along of taker.deliveries()) {
        const later = deliveries.find(({ id }) => id === along.id)!;
        expect(inWords(along)).toEqual(inWords(later));
      }
      expect(deliveries).toHaveLength(2);
    });

    it("journals what is taken with the commit, until it is settled", async () => {
      const endpoint = await bundle.addEndpoint();
      const { taker } = await workerOf(endpoint);
      bundle.store.serve(taker);
      await bundle.store.publish(eventsOf(1), T0);
      await bundle.store.publish(eventsOf(1), T0);
      const [first] = taker.batches;
      await bundle.settle(first?.deliveries ?? [], { state: "delivered" }, { batch: first?.id ?? 0 });
      await bundle.lease("w2", T0 + LEASE_MS);
      const settled = new Set(first?.deliveries.map(({ id }) => id));
      for (const { id } of taker.deliveries())
        expect(await bundle.store.getDelivery(id)).toMatchObject({
          attempts: 1,
          state: settled.has(id) ? "delivered" : "scheduled",
        });
      const taken = new Set(taker.deliveries().map(({ id }) => id));
      for (const { id, state, attempts } of await bundle.store.listDeliveries({ limit: 9 }))
        if (!taken.has(id) && state === "scheduled") expect(attempts).toBe(0);
    });

    it.each(Object.entries(changes))("takes nothing with the commit %s", async (_, change) => {
      const endpoint = await bundle.addEndpoint();
      const { taker } = await workerOf(endpoint);
      const owner = await change(endpoint);
      await acquaint();
      bundle.store.serve(taker);
      const results = await bundle.store.publish(eventsOf(1), T0);
      expect(taker.deliveries()).toEqual([]);
      expect(taker.open()).toBe(0);
      expect(toldOf(results)).toHaveLength(1);
      const { owned } = await bundle.lease(owner, T0 + LEASE_MS);
      const { deliveries } = await bundle.take(owner, owned, { nowMs: T0 + LEASE_MS });
      expect(deliveries.map(({ attempts }) => attempts)).toEqual([0, 0]);
    });

    it("takes nothing with the commit when serving has ended", async () => {
      const endpoint = await bundle.addEndpoint();
      const { owned, taker } = await workerOf(endpoint);
      const stop = bundle.store.serve(taker);
      stop();
      expect(toldOf(await bundle.store.publish(eventsOf(1), T0))).toHaveLength(1);
      expect(taker.batches).toEqual([]);
      expect((await bundle.take("w1", owned)).deliveries).toHaveLength(1);
    });

    it("tells what was taken also while who is subscribed changes", async () => {
      const endpoint = await bundle.addEndpoint();
      const { owned, taker } = await workerOf(endpoint);
      bundle.store.serve(taker);
      const added = await bundle.addEndpoint();
      await bundle.store.publish(eventsOf(1), T0);
      expect(taker.open()).toBe(0);
      expect(taker.batches).not.toContain(undefined);
      const along = taker.deliveries();
      const { deliveries } = await bundle.take("w1", owned, { inFlight: new Set(along.map(({ id }) => id)) });
      const reached = [...along, ...deliveries].map((delivery) => delivery.endpoint);
      expect(reached.toSorted()).toEqual([endpoint.id, added.id].toSorted());
    });

    it("gives offers back for what is refused", async () => {
      const endpoint = await bundle.addEndpoint();
      const { taker } = await workerOf(endpoint);
      const [kept] = eventsOf(1);
      await bundle.store.publish([kept!], T0);
      bundle.store.serve(taker);
      const other = { ...kept!, isFresh: false, digest: "of something else" };
      const results = await bundle.store.publish([...eventsOf(1), other], T0);
      expect(results.map(({ kind }) => kind)).toEqual(["published", "event_id_conflict"]);
      expect(taker.deliveries()).toEqual([]);
      expect(taker.open()).toBe(0);
      expect(await bundle.store.listEvents({ limit: 9 })).toHaveLength(2);
    });
  });
}

/** What holds for a store that takes along what it may. */
export function describeTakingAlong(bundle: Bundle): void {
  const { acquaint, workerOf, eventsOf } = createScene(bundle);

  describe("serve, by taking along", () => {
    it("takes with the commit what its endpoint has room for", async () => {
      const endpoint = await bundle.addEndpoint();
      const { taker } = await workerOf(endpoint);
      bundle.store.serve(taker);
      await bundle.store.publish(eventsOf(1), T0);
      await bundle.store.publish(eventsOf(ROOM + 3), T0);
      expect(taker.batches.map((batch) => batch?.deliveries.length)).toEqual([1, ROOM]);
    });

    it("serves whoever has come last, also when the one before has ended", async () => {
      const endpoint = await bundle.addEndpoint();
      const { owned, taker } = await workerOf(endpoint);
      const stopFormer = bundle.store.serve(createTestTaker("w1", owned, [endpoint]));
      bundle.store.serve(taker);
      stopFormer();
      await bundle.store.publish(eventsOf(1), T0);
      await bundle.store.publish(eventsOf(1), T0);
      expect(taker.deliveries()).toHaveLength(2);
    });

    it("takes with the commit what is of an endpoint that works, beside paused and ordered ones", async () => {
      const endpoint = await bundle.addEndpoint();
      const working = await bundle.addEndpoint();
      const ordered = await bundle.addEndpoint({ ordering: "subject" });
      const paused = { ...endpoint, revision: 2, state: "paused" } as const;
      const { taker } = await workerOf(paused, working, ordered);
      await bundle.store.changeEndpoint(paused);
      await acquaint();
      bundle.store.serve(taker);
      const results = await bundle.store.publish(eventsOf(1), T0);
      const along = taker.deliveries().map((delivery) => delivery.endpoint);
      expect(along).toEqual([working.id]);
      expect(toldOf(results)).toHaveLength(2);
      expect(taker.open()).toBe(0);
    });
  });
}
