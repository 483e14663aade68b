import { describe, expect, it } from "vitest";
import { afterOutcome, HEALTHY } from "../../core/endpoint-health.ts";
import { shardOf } from "../../core/sharding.ts";
import type { OwnedShard } from "../../store.ts";
import { type Bundle, LEASE_MS, T0 } from "./bundle.ts";

const FAILING = afterOutcome(HEALTHY, { outcome: "timeout", revision: 1, nowMs: T0 });

/** A change of an endpoint's health under the epoch of its shard. */
function changeOf(endpoint: string, owned: readonly OwnedShard[], health: typeof FAILING | undefined) {
  const shard = owned.find(({ shard }) => shard === shardOf(endpoint))!;
  return { ...shard, endpoint, health };
}

export function describeHealth(bundle: Bundle): void {
  describe("health", () => {
    it("keeps what a settlement says of an endpoint, for whoever serves it next, until nothing is to be said", async () => {
      const { id } = await bundle.addEndpoint();
      const { owned } = await bundle.lease("w1");
      const shards = owned.map(({ shard }) => shard);
      const next = { state: "scheduled", dueMs: T0 } as const;
      expect(await bundle.store.health(shards)).toEqual([]);
      await bundle.settle([], next, { health: [changeOf(id, owned, FAILING)] });
      expect(await bundle.store.health([shardOf(id)])).toEqual([{ endpoint: id, health: FAILING }]);
      expect(await bundle.store.health(shards.filter((shard) => shard !== shardOf(id)))).toEqual([]);
      const worse = afterOutcome(FAILING, { outcome: "timeout", revision: 1, nowMs: T0 + 1 });
      await bundle.settle([], next, { health: [changeOf(id, owned, worse)] });
      expect(await bundle.store.health(shards)).toEqual([{ endpoint: id, health: worse }]);
      await bundle.settle([], next, { health: [changeOf(id, owned, undefined)] });
      expect(await bundle.store.health(shards)).toEqual([]);
    });

    it("is part of how an endpoint is doing, with what it is to be sent and what died", async () => {
      const { id } = await bundle.addEndpoint();
      await bundle.addEndpoint();
      const statistics = (most = 100) => bundle.store.endpointStatistics(id, most);
      expect(await statistics()).toEqual({ scheduled: 0, dead: 0 });
      await bundle.store.publish(
        Array.from({ length: 5 }, () => bundle.eventOf()),
        T0,
      );
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned, { endpoints: [id], room: 3 });
      const health = [changeOf(id, owned, FAILING)];
      await bundle.settle(deliveries.slice(0, 2), { state: "dead", reason: "x" }, { health });
      await bundle.settle(deliveries.slice(2), { state: "delivered" });
      expect(await statistics()).toEqual({ health: FAILING, scheduled: 2, dead: 2 });
      expect(await statistics(1)).toEqual({ health: FAILING, scheduled: 1, dead: 1 });
      expect(await bundle.store.endpointStatistics("ep_none", 100)).toEqual({ scheduled: 0, dead: 0 });
    });

    it("believes nothing that comes under a lost epoch", async () => {
      const { id } = await bundle.addEndpoint();
      const first = await bundle.lease("w1");
      await bundle.lease("w2", T0 + LEASE_MS);
      await bundle.settle([], { state: "delivered" }, { health: [changeOf(id, first.owned, FAILING)] });
      expect(await bundle.store.health([shardOf(id)])).toEqual([]);
    });

    it("remembers nothing of an endpoint that is removed", async () => {
      const { id } = await bundle.addEndpoint();
      const { owned } = await bundle.lease("w1");
      const change = changeOf(id, owned, FAILING);
      await bundle.settle([], { state: "delivered" }, { health: [change] });
      await bundle.store.removeEndpoint(id, T0);
      expect(await bundle.store.health([shardOf(id)])).toEqual([]);
      await bundle.settle([], { state: "delivered" }, { health: [change] });
      expect(await bundle.store.health([shardOf(id)])).toEqual([]);
    });

    it("says with what is due at which revision the endpoint is", async () => {
      const endpoint = await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      const due = async () => (await bundle.store.due({ shards: owned, nowMs: T0 })).endpoints;
      expect(await due()).toEqual([{ id: endpoint.id, revision: 1 }]);
      await bundle.store.changeEndpoint({ ...endpoint, revision: 2 });
      expect(await due()).toEqual([{ id: endpoint.id, revision: 2 }]);
    });
  });
}
