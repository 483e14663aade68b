import { describe, expect, it } from "vitest";
import { type Bundle, T0, LEASE_MS } from "./bundle.ts";

export function describeSettle(bundle: Bundle): void {
  const told = async () => (await bundle.store.listSubmitted(9)).map(({ event }) => event).toSorted();
  describe("settle", () => {
    it("records a delivered one and its attempt, and it is not due again", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries, id } = await bundle.take("w1", owned);
      expect(await bundle.settle(deliveries, { state: "delivered" }, { nowMs: T0 + 9, batch: id })).toEqual([
        true,
      ]);
      expect(await bundle.store.getDelivery(deliveries[0]!.id)).toMatchObject({
        state: "delivered",
        attempts: 1,
        finishedAtMs: T0 + 9,
      });
      expect(await bundle.store.listAttempts(deliveries[0]!.id)).toMatchObject([
        { number: 1, outcome: "delivered", status: 200 },
      ]);
      expect(await bundle.store.due({ shards: owned, nowMs: T0 * 2 })).toEqual({ endpoints: [] });
    });

    it("schedules the next attempt and counts this one", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned);
      await bundle.settle(deliveries, { state: "scheduled", dueMs: T0 + 5_000 });
      expect((await bundle.take("w1", owned, { nowMs: T0 + 4_999 })).deliveries).toEqual([]);
      const again = await bundle.take("w1", owned, { nowMs: T0 + 5_000 });
      expect(again.deliveries).toMatchObject([{ id: deliveries[0]!.id, attempts: 1, scheduleStep: 1 }]);
    });

    it("counts an attempt once that is settled again because the first answer was lost", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf(), bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned);
      const [arrived, failed] = deliveries;
      for (const _ of ["first", "again"]) {
        expect(await bundle.settle([arrived!], { state: "delivered" })).toEqual([true]);
        expect(await bundle.settle([failed!], { state: "scheduled", dueMs: T0 + 5_000 })).toEqual([true]);
      }
      for (const { id } of deliveries) {
        expect(await bundle.store.getDelivery(id)).toMatchObject({ attempts: 1 });
        expect(await bundle.store.listAttempts(id)).toMatchObject([{ number: 1 }]);
      }
    });

    it("keeps a dead one with its reason", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned);
      await bundle.settle(deliveries, { state: "dead", reason: "schedule_exhausted" });
      expect(await bundle.store.listDeliveries({ limit: 10, state: "dead" })).toMatchObject([
        { id: deliveries[0]!.id, state: "dead", reason: "schedule_exhausted" },
      ]);
    });

    it("refuses what comes under a lost epoch", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const first = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", first.owned);
      await bundle.lease("w2", T0 + LEASE_MS);
      expect(await bundle.settle(deliveries, { state: "delivered" })).toEqual([false]);
      expect(await bundle.store.getDelivery(deliveries[0]!.id)).toMatchObject({ state: "scheduled" });
    });

    it("disables the endpoint on request and holds what else is scheduled", async () => {
      const endpoint = await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf(), bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned, { room: 1 });
      await bundle.settle(
        deliveries,
        { state: "scheduled", dueMs: T0 },
        { disableEndpoint: "gone", outcome: "gone" },
      );
      expect(await bundle.store.getEndpoint(endpoint.id)).toMatchObject({
        state: "disabled",
        disabledReason: "gone",
        revision: 2,
      });
      expect((await bundle.take("w1", owned, { nowMs: T0 + 1 })).deliveries).toEqual([]);
      expect(await bundle.store.listDeliveries({ limit: 10, state: "scheduled" })).toHaveLength(2);
    });

    const announcements = (["settled", "dead", "disabled"] as const).map((on) => ({
      on,
      id: `evt_${on}`,
      type: `a.${on}`,
      subscriber: "sub_owner",
      data: { object: { note: 'a "b", {c}' } },
    }));

    it("submits what is to be told, as an event of now for its subscriber", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned);
      await bundle.settle(deliveries, { state: "delivered" }, { nowMs: T0 + 5, announcements });
      const [submitted] = await bundle.store.listSubmitted(9);
      expect(submitted).toMatchObject({
        event: "evt_settled",
        type: "a.settled",
        subscriber: "sub_owner",
        timestamp: new Date(T0 + 5).toISOString(),
      });
      expect(JSON.parse(submitted!.data)).toEqual({ object: { note: 'a "b", {c}' } });
      expect(await told()).toEqual(["evt_settled"]);
    });

    it("tells of a death and of a disabled endpoint where they happened, and of nothing under a lost epoch", async () => {
      const endpoint = await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const first = await bundle.lease("w1");
      const dead = { state: "dead", reason: "schedule_exhausted" } as const;
      const lost = await bundle.take("w1", first.owned);
      const nowMs = T0 + LEASE_MS;
      const { owned } = await bundle.lease("w2", nowMs);
      await bundle.settle(lost.deliveries, dead, { announcements, disableEndpoint: "gone" });
      expect(await told()).toEqual([]);
      const { deliveries } = await bundle.take("w2", owned, { nowMs });
      await bundle.store.changeEndpoint({ ...endpoint, state: "disabled", revision: 2 });
      await bundle.store.retryDelivery(deliveries[0]!.id, nowMs);
      await bundle.settle(deliveries, dead, { announcements, disableEndpoint: "gone" });
      expect(await told()).toEqual(["evt_settled"]);
      await bundle.store.changeEndpoint({ ...endpoint, state: "active", revision: 3 });
      const again = await bundle.take("w2", owned, { nowMs });
      const others = announcements.map((one) => ({ ...one, id: `${one.id}_2` }));
      await bundle.settle(again.deliveries, dead, { announcements: others, disableEndpoint: "gone" });
      expect(await told()).toEqual(["evt_dead_2", "evt_disabled_2", "evt_settled", "evt_settled_2"]);
    });

    it("does not revive a delivery that was cancelled while in flight", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned);
      const { id } = deliveries[0]!;
      await bundle.store.cancelDelivery(id, T0);
      await bundle.settle(deliveries, { state: "scheduled", dueMs: T0 });
      expect(await bundle.store.getDelivery(id)).toMatchObject({ state: "cancelled", attempts: 1 });
      expect(await bundle.store.listAttempts(id)).toHaveLength(1);
    });
  });
}
