import { describe, expect, it } from "vitest";
import { MAX_CONCURRENCY } from "../core/concurrency.ts";
import type { Endpoint } from "../core/model.ts";
import { SHARD_COUNT } from "../core/sharding.ts";
import type { Batch, TakeFrom, TakenDelivery } from "../store.ts";
import { REST_MS } from "./lane.ts";
import { createLanes, type Lanes } from "./lanes.ts";

const owned = new Map(Array.from({ length: SHARD_COUNT }, (_, shard) => [shard, { shard, epoch: 1 }]));
const endpointOf = (id: string) => ({ id, revision: 1 }) as Endpoint;
const deliveryOf = (endpoint: string, dueMs: number) =>
  ({ id: `dlv_${dueMs}`, endpoint, dueMs }) as TakenDelivery;

const next = (lanes: Lanes, nowMs = 0, limit = 500) => lanes.next({ limit, owned, nowMs });

interface Given {
  readonly deliveries?: readonly TakenDelivery[];
  readonly more?: readonly string[];
}

/** The store's side: gives these deliveries of an endpoint. */
function give(lanes: Lanes, from: readonly TakeFrom[], { deliveries = [], more = [] }: Given = {}): void {
  const batch = {
    id: 1,
    deliveries,
    more,
    endpoints: deliveries.map(({ endpoint }) => endpointOf(endpoint)),
  } satisfies Batch;
  lanes.taken(from, batch);
  for (const delivery of deliveries) lanes.started(delivery);
}

describe("createLanes", () => {
  it("goes on after the last that was taken, and begins at the start when something may stand before it", () => {
    const lanes = createLanes();
    lanes.wake(["ep_1"]);
    const first = next(lanes);
    expect(first).toMatchObject([{ endpoint: "ep_1", room: MAX_CONCURRENCY, after: undefined }]);
    give(lanes, first, { deliveries: [deliveryOf("ep_1", 50)], more: ["ep_1"] });
    const second = next(lanes);
    expect(second).toMatchObject([{ after: { dueMs: 50, id: "dlv_50" }, knownRevision: 1 }]);
    give(lanes, second);
    lanes.refresh(["ep_1"]);
    const third = next(lanes);
    expect(third).toMatchObject([{ after: undefined }]);
    give(lanes, third, { deliveries: [deliveryOf("ep_1", 20)], more: ["ep_1"] });
    expect(next(lanes)).toMatchObject([{ after: { dueMs: 20, id: "dlv_20" } }]);
  });

  it("shares the room among all that wait, and gives nobody more than it may have", () => {
    const lanes = createLanes();
    const endpoints = Array.from({ length: 8 }, (_, index) => `ep_${index}`);
    lanes.wake(endpoints);
    expect(next(lanes, 0, 16).map(({ room }) => room)).toEqual(endpoints.map(() => 2));
  });

  it("lets an endpoint rest that has more than half its places taken, and asks again after that", () => {
    const lanes = createLanes();
    lanes.wake(["ep_1"]);
    const deliveries = Array.from({ length: 8 }, (_, index) => deliveryOf("ep_1", index));
    give(lanes, next(lanes, 1_000), { deliveries, more: ["ep_1"] });
    expect(next(lanes, 1_000)).toEqual([]);
    expect(lanes.isResting()).toBe(true);
    expect(next(lanes, 1_000 + REST_MS)).toMatchObject([{ room: 2 }]);
  });

  it("takes from a full endpoint again as soon as one place is free", () => {
    const lanes = createLanes();
    lanes.wake(["ep_1"]);
    const deliveries = Array.from({ length: MAX_CONCURRENCY }, (_, index) => deliveryOf("ep_1", index));
    give(lanes, next(lanes), { deliveries, more: ["ep_1"] });
    expect(next(lanes, REST_MS)).toEqual([]);
    expect(lanes.isResting()).toBe(false);
    lanes.settled("ep_1", "dlv_0", true);
    expect(next(lanes, REST_MS)).toMatchObject([{ room: 1 }]);
  });

  it("does not ask for endpoints of shards it does not own", () => {
    const lanes = createLanes();
    lanes.wake(["ep_1"]);
    expect(lanes.next({ limit: 10, owned: new Map(), nowMs: 0 })).toEqual([]);
  });

  it("knows which shards are busy", () => {
    const lanes = createLanes();
    lanes.wake(["ep_1"]);
    const [from] = next(lanes);
    give(lanes, [from!], { deliveries: [deliveryOf("ep_1", 1)] });
    expect(lanes.isBusy(from!.shard)).toBe(true);
    lanes.settled("ep_1", "dlv_1", true);
    expect(lanes.isBusy(from!.shard)).toBe(false);
    expect(lanes.inFlight()).toBe(0);
  });
});
