import { describe, expect, it } from "vitest";
import { type Bundle, T0 } from "./bundle.ts";

export function describeRecords(bundle: Bundle): void {
  describe("records", () => {
    it("retries a scheduled delivery now and a dead one with its schedule anew", async () => {
      const { id } = await bundle.scheduledOne();
      const { owned } = await bundle.lease("w1");
      const first = await bundle.take("w1", owned);
      await bundle.settle(first.deliveries, { state: "scheduled", dueMs: T0 + 60_000 });
      expect(await bundle.store.retryDelivery(id, T0 + 1)).toMatchObject({
        state: "scheduled",
        dueMs: T0 + 1,
      });
      const second = await bundle.take("w1", owned, { nowMs: T0 + 1 });
      await bundle.settle(second.deliveries, { state: "dead", reason: "schedule_exhausted" });
      expect(await bundle.store.retryDelivery(id, T0 + 2)).toMatchObject({ state: "scheduled", attempts: 2 });
      const third = await bundle.take("w1", owned, { nowMs: T0 + 2 });
      expect(third.deliveries).toMatchObject([{ id, attempts: 2, scheduleStep: 0 }]);
    });

    it("does not forget a retry that was asked for while the last attempt was in flight", async () => {
      const { id } = await bundle.scheduledOne();
      const { owned } = await bundle.lease("w1");
      await bundle.settle((await bundle.take("w1", owned)).deliveries, { state: "scheduled", dueMs: T0 });
      const { deliveries } = await bundle.take("w1", owned);
      await bundle.store.retryDelivery(id, T0 + 1);
      await bundle.settle(deliveries, { state: "dead", reason: "schedule_exhausted" }, { nowMs: T0 + 2 });
      expect(await bundle.store.getDelivery(id)).toMatchObject({
        state: "scheduled",
        attempts: 2,
        dueMs: T0 + 2,
      });
      const again = await bundle.take("w1", owned, { nowMs: T0 + 2 });
      expect(again.deliveries).toMatchObject([{ id, attempts: 2, scheduleStep: 0 }]);
      expect(await bundle.store.listAttempts(id)).toHaveLength(2);
    });

    it("does not retry what was delivered or cancelled, or is unknown", async () => {
      const { id } = await bundle.scheduledOne();
      await bundle.store.cancelDelivery(id, T0);
      expect(await bundle.store.retryDelivery(id, T0)).toBeUndefined();
      expect(await bundle.store.cancelDelivery(id, T0)).toBeUndefined();
      expect(await bundle.store.retryDelivery("dlv_none", T0)).toBeUndefined();
    });

    it("lists deliveries newest first, page by page, by state, endpoint and event", async () => {
      const endpoint = await bundle.addEndpoint();
      const events = Array.from({ length: 7 }, () => bundle.eventOf());
      for (const event of events) await bundle.store.publish([event], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned, { room: 3 });
      await bundle.settle(deliveries, { state: "delivered" });
      const all = await bundle.store.listDeliveries({ limit: 100 });
      expect(all.map(({ event }) => event)).toEqual(events.map(({ id }) => id).toReversed());
      const first = await bundle.store.listDeliveries({ limit: 4 });
      const second = await bundle.store.listDeliveries({ limit: 4, after: first.at(-1)!.id });
      expect([...first, ...second]).toEqual(all);
      expect(await bundle.store.listDeliveries({ limit: 100, state: "delivered" })).toHaveLength(3);
      expect(
        await bundle.store.listDeliveries({ limit: 100, state: "scheduled", endpoint: endpoint.id }),
      ).toHaveLength(4);
      expect(await bundle.store.listDeliveries({ limit: 100, event: events[2]!.id })).toHaveLength(1);
      expect(await bundle.store.listDeliveries({ limit: 100, endpoint: "ep_none" })).toEqual([]);
    });

    it("lists all that came to its end of one endpoint, in whatever way and however old, and of no other", async () => {
      const [endpoint, other] = [await bundle.addEndpoint(), await bundle.addEndpoint()];
      const { owned } = await bundle.lease("w1");
      // Each a day after the one before: they have little in common.
      const days = [0, 1, 2, 3, 4].map((day) => T0 + day * 86_400_000);
      for (const nowMs of days) await bundle.store.publish([bundle.eventOf()], nowMs);
      const [last] = days.slice(-1);
      const { deliveries } = await bundle.take("w1", owned, { nowMs: last! });
      const mine = deliveries.filter((one) => one.endpoint === endpoint.id);
      await bundle.settle(mine.slice(0, 1), { state: "delivered" });
      await bundle.settle(mine.slice(1, 2), { state: "dead", reason: "schedule_exhausted" });
      await bundle.store.cancelDelivery(mine[2]!.id, last!);
      await bundle.store.removeEndpoint(endpoint.id, last!);
      const expected = mine.map(({ id }) => id).toReversed();
      const list = async (more: object) =>
        (await bundle.store.listDeliveries({ limit: 100, endpoint: endpoint.id, ...more })).map(
          ({ id }) => id,
        );
      const first = await list({ limit: 2 });
      expect([...first, ...(await list({ after: first.at(-1) }))]).toEqual(expected);
      expect(await list({ state: "delivered" })).toEqual([expected[4]]);
      expect(await list({ state: "dead" })).toEqual([expected[3]]);
      expect(await list({ state: "cancelled" })).toEqual([expected[0], expected[1], expected[2]]);
      expect(await list({ state: "delivered", endpoint: other.id })).toEqual([]);
    });

    it("lists events newest first and by type", async () => {
      const events = [
        bundle.eventOf({ id: "evt_a" }),
        bundle.eventOf({ id: "evt_b", type: "order.created" }),
        bundle.eventOf({ id: "evt_c" }),
      ];
      await bundle.store.publish(events, T0);
      expect((await bundle.store.listEvents({ limit: 2 })).map(({ id }) => id)).toEqual(["evt_c", "evt_b"]);
      expect((await bundle.store.listEvents({ limit: 2, after: "evt_b" })).map(({ id }) => id)).toEqual([
        "evt_a",
      ]);
      expect(
        (await bundle.store.listEvents({ limit: 9, type: "order.created" })).map(({ id }) => id),
      ).toEqual(["evt_b"]);
    });
  });
}
