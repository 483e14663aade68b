import { describe, expect, it } from "vitest";
import { type Bundle, T0, LEASE_MS } from "./bundle.ts";

export function describeTake(bundle: Bundle): void {
  describe("due and take", () => {
    it("takes what is due with all that is needed to send it", async () => {
      const endpoint = await bundle.addEndpoint({ headers: { "x-a": "1" } });
      const event = bundle.eventOf();
      await bundle.store.publish([event], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries, endpoints, more } = await bundle.take("w1", owned);
      expect(deliveries).toHaveLength(1);
      expect(endpoints).toEqual([endpoint]);
      expect(deliveries[0]).toMatchObject({
        endpoint: endpoint.id,
        event: { id: event.id, type: "invoice.paid", version: "1.0.0" },
        attempts: 0,
      });
      expect(Buffer.from(deliveries[0]!.event.body).toString()).toBe(JSON.stringify({ id: event.id }));
      expect(more).toEqual([]);
    });

    it("never takes what is in flight, and never more than there is room for", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish(
        Array.from({ length: 5 }, () => bundle.eventOf()),
        T0,
      );
      const { owned } = await bundle.lease("w1");
      const first = await bundle.take("w1", owned, { room: 2 });
      expect(first.deliveries).toHaveLength(2);
      expect(first.more).toHaveLength(1);
      const inFlight = new Set(first.deliveries.map(({ id }) => id));
      const second = await bundle.take("w1", owned, { room: 3, inFlight });
      expect(second.deliveries).toHaveLength(3);
      expect(second.more).toEqual([]);
      expect(second.deliveries.filter(({ id }) => inFlight.has(id))).toEqual([]);
    });

    it("goes on after a position, passing over what is in flight there", async () => {
      const endpoint = await bundle.addEndpoint();
      for (const wait of [0, 1, 2, 3]) await bundle.store.publish([bundle.eventOf()], T0 + wait);
      const { owned } = await bundle.lease("w1");
      const [first, second, third, fourth] = (await bundle.take("w1", owned, { nowMs: T0 + 9 })).deliveries;
      const from = { ...owned.find(({ shard }) => shard === first!.shard)!, endpoint: endpoint.id, room: 5 };
      const batch = await bundle.store.take({
        worker: "w1",
        nowMs: T0 + 9,
        from: [{ ...from, after: { dueMs: first!.dueMs, id: first!.id }, inFlight: new Set([third!.id]) }],
      });
      expect(batch.deliveries.map(({ id }) => id)).toEqual([second!.id, fourth!.id]);
    });

    it("serves every endpoint, whatever the backlog of one", async () => {
      const loud = await bundle.addEndpoint({ eventTypes: ["invoice.paid"] });
      await bundle.store.publish(
        Array.from({ length: 100 }, () => bundle.eventOf()),
        T0,
      );
      const quiet = await Promise.all(
        Array.from({ length: 20 }, () => bundle.addEndpoint({ eventTypes: ["order.created"] })),
      );
      await bundle.store.publish([bundle.eventOf({ type: "order.created" })], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned, { room: 1 });
      expect(deliveries.map(({ endpoint }) => endpoint).toSorted()).toEqual(
        [loud, ...quiet].map(({ id }) => id).toSorted(),
      );
    });

    it("takes nothing before it is due and says when that is", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0 + 5_000);
      const { owned } = await bundle.lease("w1");
      expect(await bundle.store.due({ shards: owned, nowMs: T0 + 4_999 })).toEqual({
        endpoints: [],
        nextDueMs: T0 + 5_000,
      });
      expect((await bundle.take("w1", owned, { nowMs: T0 + 5_000 })).deliveries).toHaveLength(1);
    });

    it("says when the next of an endpoint comes due that it has taken from", async () => {
      const endpoint = await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      await bundle.store.publish([bundle.eventOf()], T0 + 700);
      const { owned } = await bundle.lease("w1");
      const batch = await bundle.take("w1", owned, { endpoints: [endpoint.id] });
      expect(batch.deliveries).toHaveLength(1);
      expect(batch.nextDueMs).toBe(T0 + 700);
    });

    it.each(["paused", "disabled"] as const)("holds the deliveries of a %s endpoint", async (state) => {
      const endpoint = await bundle.addEndpoint({ state });
      await bundle.store.publish([bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      expect(await bundle.store.due({ shards: owned, nowMs: T0 })).toEqual({ endpoints: [] });
      expect((await bundle.take("w1", owned, { endpoints: [endpoint.id] })).deliveries).toEqual([]);
      await bundle.store.changeEndpoint({ ...endpoint, state: "active", revision: 2 });
      expect((await bundle.take("w1", owned)).deliveries).toHaveLength(1);
    });

    it("gives nothing to a worker that has lost the shard", async () => {
      const endpoint = await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const lost = await bundle.lease("w1");
      const won = await bundle.lease("w2", T0 + LEASE_MS);
      const nowMs = T0 + LEASE_MS;
      expect((await bundle.take("w1", lost.owned, { endpoints: [endpoint.id], nowMs })).deliveries).toEqual(
        [],
      );
      expect(
        (await bundle.take("w2", won.owned, { endpoints: [endpoint.id], nowMs })).deliveries,
      ).toHaveLength(1);
    });
  });
}
