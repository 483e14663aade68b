import { describe, expect, it } from "vitest";
import { ALONE_MS } from "../../core/delivery.ts";
import type { Death } from "../../store.ts";
import { type Bundle, T0, LEASE_MS } from "./bundle.ts";

export function describeCrashes(bundle: Bundle): void {
  describe("crashes", () => {
    it("counts what was in flight as interrupted, once, and makes it due at once", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf(), bundle.eventOf()], T0);
      const first = await bundle.lease("w1");
      const batch = await bundle.take("w1", first.owned);
      await bundle.settle(batch.deliveries.slice(0, 1), { state: "scheduled", dueMs: T0 });
      const second = await bundle.lease("w2", T0 + LEASE_MS);
      const taken = await bundle.take("w2", second.owned, { nowMs: T0 + LEASE_MS });
      const [settled, interrupted] = batch.deliveries;
      expect(taken.deliveries.map(({ id, attempts }) => [id, attempts]).toSorted()).toEqual(
        [
          [settled!.id, 1],
          [interrupted!.id, 1],
        ].toSorted(),
      );
      expect(await bundle.store.listAttempts(interrupted!.id)).toMatchObject([
        { number: 1, outcome: "interrupted" },
      ]);
      expect(await bundle.store.listAttempts(settled!.id)).toMatchObject([
        { number: 1, outcome: "http_status" },
      ]);
    });

    it("does not count what was taken without its worker hearing of it, once that has said so", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish(
        Array.from({ length: 4 }, () => bundle.eventOf()),
        T0,
      );
      const { owned } = await bundle.lease("w1");
      const known = await bundle.take("w1", owned, { room: 2 });
      const inFlight = new Set(known.deliveries.map(({ id }) => id));
      const lost = await bundle.take("w1", owned, { room: 2, inFlight });
      expect(lost.deliveries).toHaveLength(2);
      await bundle.store.forgetTaken("w2", []);
      await bundle.store.forgetTaken("w1", [known.id]);
      await bundle.lease("w2", T0 + LEASE_MS);
      const attemptsOf = async ({ deliveries }: typeof known) =>
        Promise.all(deliveries.map(async ({ id }) => (await bundle.store.getDelivery(id))?.attempts));
      expect(await attemptsOf(known)).toEqual([1, 1]);
      expect(await attemptsOf(lost)).toEqual([0, 0]);
    });

    it("parks a delivery that was in flight in three crashes", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      let nowMs = T0;
      let id = "";
      for (const worker of ["w1", "w2", "w3"]) {
        const { owned } = await bundle.lease(worker, nowMs);
        const { deliveries } = await bundle.take(worker, owned, { nowMs: nowMs + ALONE_MS });
        expect(deliveries).toHaveLength(1);
        id = deliveries[0]!.id;
        nowMs += LEASE_MS;
      }
      await bundle.lease("w4", nowMs);
      expect(await bundle.store.getDelivery(id)).toMatchObject({
        state: "dead",
        attempts: 3,
        reason: "interrupted_repeatedly",
      });
      expect(await bundle.store.listAttempts(id)).toHaveLength(3);
    });

    it("lets those go one by one that were in flight in two crashes, so that one of them takes no other with it", async () => {
      await bundle.addEndpoint();
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf(), bundle.eventOf()], T0);
      let nowMs = T0;
      for (const worker of ["w1", "w2"]) {
        const { owned } = await bundle.lease(worker, nowMs);
        expect((await bundle.take(worker, owned, { nowMs })).deliveries).toHaveLength(4);
        nowMs += LEASE_MS;
      }
      await bundle.store.publish([bundle.eventOf()], nowMs);
      const { owned } = await bundle.lease("w3", nowMs);
      const counts = [];
      const inFlight = new Set<string>();
      for (let place = 0; place <= 4; place += 1) {
        const { deliveries } = await bundle.take("w3", owned, { nowMs: nowMs + place * ALONE_MS, inFlight });
        for (const { id } of deliveries) inFlight.add(id);
        counts.push(deliveries.length);
      }
      expect(counts).toEqual([2, 1, 1, 1, 1]);
    });

    it("tells of what it parks, once", async () => {
      const endpoint = await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf({ id: "e1" })], T0);
      const { lapse, store } = bundle;
      const told: Death[] = [];
      const leaseFor = (id: string) =>
        store.lease({
          worker: { id, host: "elsewhere", pid: 1 },
          nowMs: T0,
          leaseMs: LEASE_MS,
          maxInterruptions: 1,
          announceDeath: (death) => {
            told.push(death);
            return { id: "evt_told", type: "delivery.dead", subscriber: endpoint.subscriber, data: { a: 1 } };
          },
        });
      const { owned } = await leaseFor("w1");
      const { deliveries } = await bundle.take("w1", owned);
      await lapse("w1");
      await leaseFor("w2");
      await lapse("w2");
      await leaseFor("w3");
      const { subscriber, url } = endpoint;
      expect(told).toMatchObject([
        {
          delivery: { id: deliveries[0]!.id, event: "e1", eventType: "invoice.paid" },
          attempt: { number: 1, outcome: "interrupted" },
          endpoint: { id: endpoint.id, subscriber, url },
          nowMs: T0,
        },
      ]);
      const submitted = await store.listSubmitted(9);
      expect(submitted).toMatchObject([{ event: "evt_told", type: "delivery.dead", subscriber }]);
    });

    it("does not count a batch that was finished", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries, id } = await bundle.take("w1", owned);
      await bundle.settle(deliveries, { state: "scheduled", dueMs: T0 }, { batch: id });
      const second = await bundle.lease("w2", T0 + LEASE_MS);
      expect((await bundle.take("w2", second.owned, { nowMs: T0 + LEASE_MS })).deliveries).toMatchObject([
        { attempts: 1 },
      ]);
    });
  });
}
