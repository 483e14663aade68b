import { describe, expect, it } from "vitest";
import { MAX_CONCURRENCY } from "../core/concurrency.ts";
import type { AttemptOutcome, Endpoint } from "../core/model.ts";
import { SHARD_COUNT, shardOf } from "../core/sharding.ts";
import type { Batch, Settlement, TakeFrom, TakenDelivery } from "../store.ts";
import { OVERTAKEN_MS, REST_MS } from "./lane.ts";
import { createLanes, type Lanes } from "./lanes.ts";

const owned = new Map(Array.from({ length: SHARD_COUNT }, (_, shard) => [shard, { shard, epoch: 1 }]));
const endpointOf = (id: string, change: Partial<Endpoint> = {}) =>
  ({ id, revision: 1, ...change }) as Endpoint;
const deliveryOf = (endpoint: string, dueMs: number) =>
  ({ id: `dlv_${dueMs}`, endpoint, dueMs, shard: shardOf(endpoint), epoch: 1 }) as TakenDelivery;

const next = (lanes: Lanes, nowMs = 0, limit = 500) => lanes.next({ limit, concurrency: 500, owned, nowMs });

const offer = (lanes: Lanes, id: string, nowMs = 0) =>
  lanes.offer(id, { shard: shardOf(id), epoch: 1, room: 500, nowMs });

/** Lanes that know these endpoints already. */
function lanesOf(...endpoints: readonly Endpoint[]): Lanes {
  const lanes = createLanes();
  lanes.taken([], { id: 0, deliveries: [], endpoints, more: [] });
  return lanes;
}

interface Given {
  readonly endpoint?: Endpoint;
  readonly nowMs?: number;
  readonly deliveries?: readonly TakenDelivery[];
  readonly more?: readonly string[];
}

/** The store's side: gives these deliveries of an endpoint. */
function give(lanes: Lanes, from: readonly TakeFrom[], given: Given = {}): void {
  const { deliveries = [], more = [], endpoint, nowMs = 0 } = given;
  const batch = {
    id: 1,
    deliveries,
    more,
    endpoints: deliveries.map((delivery) => endpoint ?? endpointOf(delivery.endpoint)),
  } satisfies Batch;
  lanes.taken(from, batch);
  for (const delivery of deliveries) lanes.started(delivery, nowMs);
}

/** An attempt ends and is recorded. */
function finish(lanes: Lanes, delivery: TakenDelivery | undefined, succeeded: boolean): void {
  lanes.ended(delivery!, succeeded, 0);
  lanes.settled(delivery!.endpoint, delivery!.id);
}

describe("createLanes", () => {
  it("goes on after the last that was taken, and begins at the start when something may stand before it", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    lanes.wake(["ep_1"]);
    const first = next(lanes);
    expect(first).toMatchObject([{ endpoint: "ep_1", room: MAX_CONCURRENCY, after: undefined }]);
    give(lanes, first, { deliveries: [deliveryOf("ep_1", 50)], more: ["ep_1"] });
    const second = next(lanes, 1_000);
    expect(second).toMatchObject([{ after: { dueMs: 50, id: "dlv_50" }, knownRevision: 1 }]);
    give(lanes, second);
    lanes.refresh([{ id: "ep_1" }]);
    const third = next(lanes);
    expect(third).toMatchObject([{ after: undefined }]);
    give(lanes, third, { deliveries: [deliveryOf("ep_1", 20)], more: ["ep_1"] });
    expect(next(lanes, 1_000)).toMatchObject([{ after: { dueMs: 20, id: "dlv_20" } }]);
  });

  it("looks again where somebody slower may have published something since", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    lanes.wake(["ep_1"]);
    give(lanes, next(lanes, 1_000), { deliveries: [deliveryOf("ep_1", 990)], more: ["ep_1"] });
    expect(next(lanes, 1_000)).toMatchObject([{ after: { dueMs: 1_000 - OVERTAKEN_MS, id: "" } }]);
  });

  it("shares the room among all that wait, and gives nobody more than it may have", () => {
    const endpoints = Array.from({ length: 8 }, (_, index) => `ep_${index}`);
    const lanes = lanesOf(...endpoints.map((id) => endpointOf(id)));
    lanes.wake(endpoints);
    expect(next(lanes, 0, 16).map(({ room }) => room)).toEqual(endpoints.map(() => 2));
  });

  it("lets an endpoint rest that has more than four fifths of its places taken, and asks again after that", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    lanes.wake(["ep_1"]);
    const deliveries = Array.from({ length: 9 }, (_, index) => deliveryOf("ep_1", index));
    give(lanes, next(lanes, 1_000), { deliveries, more: ["ep_1"] });
    expect(next(lanes, 1_000)).toEqual([]);
    expect(lanes.isResting()).toBe(true);
    expect(next(lanes, 1_000 + REST_MS)).toMatchObject([{ room: 1 }]);
  });

  it("takes from a full endpoint again as soon as one place is free", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    lanes.wake(["ep_1"]);
    const deliveries = Array.from({ length: MAX_CONCURRENCY }, (_, index) => deliveryOf("ep_1", index));
    give(lanes, next(lanes), { deliveries, more: ["ep_1"] });
    expect(next(lanes, REST_MS)).toEqual([]);
    expect(lanes.isResting()).toBe(false);
    finish(lanes, deliveries[0], true);
    expect(next(lanes, REST_MS)).toMatchObject([{ room: 1 }]);
  });

  it("gives a place away when what came of its attempt is recorded, not when it has ended", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    lanes.wake(["ep_1"]);
    const room = () => lanes.room(2 * MAX_CONCURRENCY, 2 * REST_MS);
    const fill = (round: number) => {
      const from = next(lanes, round * REST_MS);
      const deliveries = Array.from({ length: from[0]?.room ?? 0 }, (_, index) =>
        deliveryOf("ep_1", round * 100 + index),
      );
      give(lanes, from, { deliveries, more: ["ep_1"] });
      return deliveries;
    };
    const first = fill(1);
    expect(room()).toBe(MAX_CONCURRENCY);
    for (const delivery of first) lanes.ended(delivery, true, 2 * REST_MS);
    expect(room()).toBe(MAX_CONCURRENCY);
    expect(fill(2)).toEqual([]);
    for (const { id } of first.slice(0, 6)) lanes.settled("ep_1", id);
    expect(room()).toBe(MAX_CONCURRENCY + 6);
    expect(fill(3)).toHaveLength(6);
  });

  it("does not ask for endpoints of shards it does not own", () => {
    const lanes = createLanes();
    lanes.wake(["ep_1"]);
    expect(lanes.next({ limit: 10, concurrency: 10, owned: new Map(), nowMs: 0 })).toEqual([]);
  });

  it("knows which shards are busy", () => {
    const lanes = createLanes();
    lanes.wake(["ep_1"]);
    const [from] = next(lanes);
    const delivery = deliveryOf("ep_1", 1);
    give(lanes, [from!], { deliveries: [delivery] });
    expect(lanes.isBusy(from!.shard)).toBe(true);
    finish(lanes, delivery, true);
    expect(lanes.isBusy(from!.shard)).toBe(false);
    expect(lanes.inFlight()).toBe(0);
  });

  it("takes one at first of an endpoint that it does not know, and the rest when it knows it", () => {
    const lanes = createLanes();
    lanes.wake(["ep_1"]);
    const first = next(lanes);
    expect(first).toMatchObject([{ room: 1 }]);
    give(lanes, first, { deliveries: [deliveryOf("ep_1", 0)], more: ["ep_1"] });
    expect(next(lanes)).toMatchObject([{ room: MAX_CONCURRENCY - 1 }]);
  });
});

/** One attempt of ep_1 from its start to its end. */
function attempt(lanes: Lanes, outcome: AttemptOutcome, nowMs: number): Settlement {
  const delivery = deliveryOf("ep_1", nowMs);
  const endpoint = lanes.started(delivery, nowMs);
  const settlement = { delivery, attempt: { outcome }, next: { state: "scheduled" } } as Settlement;
  const judged = lanes.judged(settlement, endpoint, nowMs);
  finish(lanes, delivery, outcome === "delivered");
  return judged;
}
const failTenTimes = (lanes: Lanes, nowMs: number) => {
  for (let count = 0; count < 10; count += 1) attempt(lanes, "timeout", nowMs);
};
const asked = (lanes: Lanes, nowMs: number) => {
  lanes.wake(["ep_1"]);
  return next(lanes, nowMs);
};

describe("the health of lanes", () => {
  const T = 1_000_000;

  it("gives nothing to an endpoint whose breaker is open, then one probe, then as much as before", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    failTenTimes(lanes, T);
    expect(asked(lanes, T)).toEqual([]);
    expect(lanes.wakesAtMs()).toBe(T + 30_000);
    expect(next(lanes, T + 29_999)).toEqual([]);
    const probe = next(lanes, T + 30_000);
    expect(probe).toMatchObject([{ room: 1 }]);
    const delivery = deliveryOf("ep_1", 1);
    give(lanes, probe, { deliveries: [delivery], more: ["ep_1"], nowMs: T + 30_000 });
    expect(next(lanes, T + 30_000)).toEqual([]);
    const settlement = { delivery, attempt: { outcome: "delivered" } } as Settlement;
    lanes.judged(settlement, endpointOf("ep_1"), T + 30_100);
    finish(lanes, delivery, true);
    expect(next(lanes, T + 30_100)[0]?.room).toBeGreaterThan(1);
  });

  it("lets one go at once after somebody has changed the endpoint, and forgets its failures when it was enabled", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    failTenTimes(lanes, T);
    expect(asked(lanes, T)).toEqual([]);
    lanes.refresh([{ id: "ep_1", revision: 1 }]);
    expect(next(lanes, T + 1)).toEqual([]);
    lanes.refresh([{ id: "ep_1", revision: 2 }]);
    const probe = next(lanes, T + 1);
    expect(probe).toMatchObject([{ room: 1, knownRevision: 1 }]);
    const enabled = endpointOf("ep_1", { revision: 2, enabledAtMs: T });
    const deliveries = [deliveryOf("ep_1", 1)];
    give(lanes, probe, { deliveries, more: ["ep_1"], endpoint: enabled, nowMs: T + 1 });
    finish(lanes, deliveries[0], true);
    expect(next(lanes, T + 1)[0]?.room).toBeGreaterThan(1);
    const settlement = { delivery: deliveries[0], attempt: { outcome: "delivered" } } as Settlement;
    const told = () => lanes.health([settlement], T + 1).map(({ health }) => health);
    expect(told()).toMatchObject([{ breaker: { kind: "closed" }, failures: 0, isFailing: true }]);
    lanes.kept(lanes.health([settlement], T + 1), T + 1);
    lanes.judged({ ...settlement, next: { state: "delivered" } }, enabled, T + 1);
    expect(told()).toEqual([undefined]);
  });

  it("tells the store of every transition and of the end of failures, and of more failures once a second", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    const told = (settlement: Settlement, nowMs: number) => {
      const changes = lanes.health([settlement], nowMs);
      lanes.kept(changes, nowMs);
      return changes.map(({ health }) => health && [health.breaker.kind, health.failures]);
    };
    expect(told(attempt(lanes, "delivered", T), T)).toEqual([]);
    expect(told(attempt(lanes, "timeout", T), T)).toEqual([["closed", 1]]);
    expect(told(attempt(lanes, "timeout", T + 999), T + 999)).toEqual([]);
    expect(told(attempt(lanes, "timeout", T + 1_000), T + 1_000)).toEqual([["closed", 3]]);
    expect(told(attempt(lanes, "delivered", T + 1_001), T + 1_001)).toEqual([undefined]);
    failTenTimes(lanes, T + 1_100);
    expect(told(attempt(lanes, "timeout", T + 1_100), T + 1_100)).toEqual([["open", 11]]);
    expect(told(attempt(lanes, "secret_unavailable", T + 9_000), T + 9_000)).toMatchObject([["probing", 11]]);
  });

  it("goes by what is known of a shard that was won, and knows nothing of what it was before", () => {
    const sick = lanesOf(endpointOf("ep_1"));
    failTenTimes(sick, T);
    const [change] = sick.health([{ delivery: deliveryOf("ep_1", 0) } as Settlement], T);
    const heir = lanesOf(endpointOf("ep_1"));
    heir.adopt([shardOf("ep_1")], [{ endpoint: "ep_1", health: change!.health! }], T + 1);
    expect(asked(heir, T + 1)).toEqual([]);
    sick.adopt([shardOf("ep_1")], [], T + 1);
    expect(asked(sick, T + 1)).toHaveLength(1);
  });

  it("disables an endpoint after five days of nothing but twenty failures, not before", () => {
    const days = 24 * 60 * 60 * 1_000;
    const lanes = lanesOf(endpointOf("ep_1"));
    attempt(lanes, "delivered", T - 1);
    for (let count = 0; count < 20; count += 1)
      expect(attempt(lanes, "http_status", T).disableEndpoint).toBeUndefined();
    expect(attempt(lanes, "http_status", T + 5 * days - 1).disableEndpoint).toBeUndefined();
    expect(attempt(lanes, "http_status", T + 5 * days).disableEndpoint).toBe("failing");
    const rare = lanesOf(endpointOf("ep_1"));
    for (let count = 0; count < 19; count += 1)
      expect(attempt(rare, "http_status", T + count * days).disableEndpoint).toBeUndefined();
    expect(attempt(rare, "delivered", T + 20 * days).disableEndpoint).toBeUndefined();
    expect(attempt(rare, "http_status", T + 21 * days).disableEndpoint).toBeUndefined();
  });

  it("does not forget what is known against an endpoint while it is idle", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    failTenTimes(lanes, T);
    lanes.tidy(T + 1_000_000);
    expect(asked(lanes, T + 1)).toEqual([]);
    lanes.leave([shardOf("ep_1")]);
    expect(asked(lanes, T + 1)).toMatchObject([{ knownRevision: undefined }]);
  });
});

describe("the rate limit of lanes", () => {
  const limited = endpointOf("ep_1", { rateLimit: { perSecond: 10, burst: 5 } });
  const T = 1_000_000;
  const T_NEXT = T + 100;

  it("gives a burst, and then as many as the rate allows", () => {
    const lanes = lanesOf(limited);
    lanes.wake(["ep_1"]);
    const first = next(lanes, T);
    expect(first).toMatchObject([{ room: 5 }]);
    const deliveries = Array.from({ length: 5 }, (_, index) => deliveryOf("ep_1", index));
    give(lanes, first, { deliveries, more: ["ep_1"], endpoint: limited, nowMs: T });
    expect(next(lanes, T)).toEqual([]);
    expect(lanes.wakesAtMs()).toBe(T_NEXT);
    expect(next(lanes, T_NEXT)).toMatchObject([{ room: 1 }]);
  });

  it("sends no second burst after a shard has changed hands", () => {
    const lanes = lanesOf(limited);
    lanes.adopt([shardOf("ep_1")], [], T);
    lanes.wake(["ep_1"]);
    expect(next(lanes, T)).toEqual([]);
    expect(next(lanes, T_NEXT)).toMatchObject([{ room: 1 }]);
  });

  it("goes on when the clock is set back", () => {
    const lanes = lanesOf(limited);
    lanes.wake(["ep_1"]);
    const deliveries = Array.from({ length: 5 }, (_, index) => deliveryOf("ep_1", index));
    give(lanes, next(lanes, T), { deliveries, more: ["ep_1"], endpoint: limited, nowMs: T });
    expect(next(lanes, T)).toEqual([]);
    expect(next(lanes, 1_000)).toEqual([]);
    expect(next(lanes, 1_100)).toMatchObject([{ room: 1 }]);
  });
});

describe("offer", () => {
  const T = 1_000_000;
  /** It works, and so many are in flight. */
  const workingOf = (count: number, endpoint = endpointOf("ep_1")) => {
    const lanes = lanesOf(endpoint);
    lanes.wake(["ep_1"]);
    const deliveries = Array.from({ length: count + 1 }, (_, index) => deliveryOf("ep_1", index));
    give(lanes, next(lanes, T), { deliveries, endpoint, nowMs: T });
    finish(lanes, deliveries[0], true);
    return { lanes, deliveries: deliveries.slice(1) };
  };

  it("takes as many as there are places, and nothing while that is not answered", () => {
    const { lanes } = workingOf(3);
    const from = offer(lanes, "ep_1", T)!;
    expect(from).toMatchObject({ endpoint: "ep_1", room: MAX_CONCURRENCY - 3, knownRevision: 1 });
    expect(offer(lanes, "ep_1", T)).toBeUndefined();
    give(lanes, [from], { deliveries: [deliveryOf("ep_1", 9)] });
    expect(offer(lanes, "ep_1", T)).toMatchObject({ room: MAX_CONCURRENCY - 4 });
  });

  it("takes nothing of an endpoint before it has answered as it should, and after that it has not", () => {
    const lanes = lanesOf(endpointOf("ep_1"));
    expect(offer(lanes, "ep_1", T)).toBeUndefined();
    lanes.wake(["ep_1"]);
    const deliveries = [deliveryOf("ep_1", 1), deliveryOf("ep_1", 2)];
    give(lanes, next(lanes, T), { deliveries });
    expect(offer(lanes, "ep_1", T)).toBeUndefined();
    finish(lanes, deliveries[0], true);
    const from = offer(lanes, "ep_1", T)!;
    expect(from).toBeDefined();
    give(lanes, [from]);
    finish(lanes, deliveries[1], false);
    expect(offer(lanes, "ep_1", T)).toBeUndefined();
  });

  it("takes nothing of an endpoint that is not known as it is now", () => {
    const { lanes } = workingOf(0);
    lanes.refresh([{ id: "ep_1", revision: 2 }]);
    // With nothing due, nothing is said of it.
    give(lanes, next(lanes, T));
    expect(offer(lanes, "ep_1", T)).toBeUndefined();
    lanes.wake(["ep_1"]);
    give(lanes, next(lanes, T), {
      deliveries: [deliveryOf("ep_1", 9)],
      endpoint: endpointOf("ep_1", { revision: 2 }),
    });
    expect(offer(lanes, "ep_1", T)).toMatchObject({ knownRevision: 2 });
  });

  it("takes nothing while something waits for a place, though there is one", () => {
    const { lanes, deliveries } = workingOf(MAX_CONCURRENCY / 2);
    const [failed, succeeded] = deliveries;
    lanes.ended(failed!, false, T);
    lanes.wake(["ep_1"]);
    expect(next(lanes, T)).toEqual([]);
    lanes.ended(succeeded!, true, T);
    const laterMs = T + REST_MS;
    expect(offer(lanes, "ep_1", laterMs)).toBeUndefined();
    lanes.settled("ep_1", failed!.id);
    const from = next(lanes, laterMs);
    expect(from).toMatchObject([{ room: 2 }]);
    give(lanes, from);
    expect(offer(lanes, "ep_1", laterMs)).toMatchObject({ room: 2 });
  });

  it("takes nothing while it rests, or waits until its rate allows more", () => {
    const { lanes } = workingOf(MAX_CONCURRENCY - 1);
    expect(offer(lanes, "ep_1", T + REST_MS - 1)).toBeUndefined();
    expect(offer(lanes, "ep_1", T + REST_MS)).toMatchObject({ room: 1 });

    const limited = endpointOf("ep_1", { rateLimit: { perSecond: 10, burst: 1 } });
    const { lanes: others } = workingOf(0, limited);
    others.wake(["ep_1"]);
    expect(next(others, T + 50)).toEqual([]);
    expect(offer(others, "ep_1", T + 100)).toBeUndefined();
    give(others, next(others, T + 100));
    expect(offer(others, "ep_1", T + 100)).toMatchObject({ room: 1 });
  });

  it("takes nothing where something may have come due before what was taken last", () => {
    const { lanes } = workingOf(1);
    lanes.refresh([{ id: "ep_1" }]);
    expect(offer(lanes, "ep_1", T)).toBeUndefined();
    const from = next(lanes, T);
    expect(from).toMatchObject([{ after: undefined }]);
    give(lanes, from);
    expect(offer(lanes, "ep_1", T)).toBeDefined();
  });
});
