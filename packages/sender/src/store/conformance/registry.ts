import { describe, expect, it } from "vitest";
import { type Bundle, T0 } from "./bundle.ts";

export function describeRegistry(bundle: Bundle): void {
  describe("registry", () => {
    it("answers a repeated creation with what the first one made, and refuses another under its key", async () => {
      const key = { key: "k", digest: "d", nowMs: T0 };
      const first = await bundle.store.addSubscriber({ id: "sub_1", name: "one", createdAtMs: T0 }, key);
      const again = await bundle.store.addSubscriber({ id: "sub_2", name: "one", createdAtMs: T0 }, key);
      expect(again).toEqual(first);
      expect(await bundle.store.listSubscribers({ limit: 10 })).toHaveLength(1);
      const other = await bundle.store.addSubscriber(
        { id: "sub_3", name: "two", createdAtMs: T0 },
        { ...key, digest: "e" },
      );
      expect(other).toEqual({ ok: false, code: "idempotency_conflict" });
    });

    it("changes an endpoint only from the revision it was read at", async () => {
      const endpoint = await bundle.addEndpoint();
      const change = { ...endpoint, url: "https://example.com/new", revision: 2 };
      expect(await bundle.store.changeEndpoint(change)).toBe(true);
      expect(await bundle.store.changeEndpoint(change)).toBe(false);
      expect(await bundle.store.getEndpoint(endpoint.id)).toEqual(change);
    });

    it("tells of a change with it, and of none that was not made", async () => {
      const endpoint = await bundle.addEndpoint();
      const { subscriber } = endpoint;
      const announcement = (id: string) => ({ id, type: "endpoint.disabled", subscriber, data: {} });
      const change = { ...endpoint, state: "disabled", revision: 2, updatedAtMs: T0 + 5 } as const;
      expect(await bundle.store.changeEndpoint(change, announcement("evt_1"))).toBe(true);
      expect(await bundle.store.changeEndpoint(change, announcement("evt_2"))).toBe(false);
      expect(await bundle.store.listSubmitted(9)).toMatchObject([
        { event: "evt_1", type: "endpoint.disabled", subscriber, timestamp: new Date(T0 + 5).toISOString() },
      ]);
    });

    it("takes the event types of a changed endpoint from then on", async () => {
      const endpoint = await bundle.addEndpoint({ eventTypes: ["order.created"] });
      await bundle.store.publish([bundle.eventOf()], T0);
      await bundle.store.changeEndpoint({ ...endpoint, eventTypes: ["invoice.*"], revision: 2 });
      await bundle.store.publish([bundle.eventOf(), bundle.eventOf({ type: "order.created" })], T0);
      const made = await bundle.store.listDeliveries({ limit: 10 });
      expect(made.map(({ eventType }) => eventType)).toEqual(["invoice.paid"]);
    });

    it("cancels what is scheduled for an endpoint that is removed, and gives it nothing more", async () => {
      const endpoint = await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf(), bundle.eventOf()], T0);
      expect(await bundle.store.removeEndpoint(endpoint.id, T0)).toBe(true);
      expect(await bundle.store.removeEndpoint(endpoint.id, T0)).toBe(false);
      const cancelled = await bundle.store.listDeliveries({ limit: 10 });
      expect(cancelled.map(({ state, reason }) => [state, reason])).toEqual([
        ["cancelled", "endpoint_removed"],
        ["cancelled", "endpoint_removed"],
      ]);
      expect(await bundle.store.publish([bundle.eventOf()], T0)).toMatchObject([{ deliveries: 0 }]);
    });

    it("remembers the major that a type was introduced with, whatever is newest later", async () => {
      expect(await bundle.store.introduce({ "invoice.paid": "1" })).toEqual({ "invoice.paid": "1" });
      const later = { "invoice.paid": "2", "order.created": "3" };
      const known = { "invoice.paid": "1", "order.created": "3" };
      expect(await bundle.store.introduce(later)).toEqual(known);
      expect(await bundle.store.introduce({})).toEqual(known);
    });

    it("keeps one introduction of two that come at the same time", async () => {
      const [one, other] = await Promise.all(
        ["1", "2"].map((major) => bundle.store.introduce({ "invoice.paid": major })),
      );
      expect(one).toEqual(other);
    });

    it("lists endpoints in order, by subscriber and page by page", async () => {
      const mine = [
        await bundle.addEndpoint({ subscriber: "sub_m" }),
        await bundle.addEndpoint({ subscriber: "sub_m" }),
      ]
        .map(({ id }) => id)
        .toSorted();
      await bundle.addEndpoint();
      expect(
        (await bundle.store.listEndpoints({ limit: 10, subscriber: "sub_m" })).map(({ id }) => id),
      ).toEqual(mine);
      expect(
        (await bundle.store.listEndpoints({ limit: 10, subscriber: "sub_m", after: mine[0]! })).map(
          ({ id }) => id,
        ),
      ).toEqual(mine.slice(1));
      expect(await bundle.store.listEndpoints({ limit: 10 })).toHaveLength(3);
    });
  });
}
