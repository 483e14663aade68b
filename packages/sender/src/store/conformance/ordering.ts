import { describe, expect, it } from "vitest";
import { ALONE_MS } from "../../core/delivery.ts";
import type { Endpoint } from "../../core/model.ts";
import type { OwnedShard, TakenDelivery } from "../../store.ts";
import { type Bundle, LEASE_MS, T0 } from "./bundle.ts";

/** What is sent, shortened to the event's id. */
const idsOf = (deliveries: readonly TakenDelivery[]) => deliveries.map(({ event }) => event.id).toSorted();
const DELIVERED = { state: "delivered" } as const;
const DEAD = { state: "dead", reason: "schedule_exhausted" } as const;

export function describeOrdering(bundle: Bundle): void {
  const publish = async (...events: readonly (readonly [id: string, subject?: string])[]) => {
    const made = events.map(([id, subject]) => bundle.eventOf({ id, ...(subject && { subject }) }));
    await bundle.store.publish(made, T0);
  };
  const setUp = async (change: Partial<Endpoint>) => {
    const endpoint = await bundle.addEndpoint(change);
    const { owned } = await bundle.lease("w1");
    return { endpoint, owned };
  };
  /** Sends what may go, and what may go after that, to the end. */
  const drain = async (owned: readonly OwnedShard[], nowMs = T0) => {
    const sent: string[] = [];
    for (;;) {
      const { deliveries } = await bundle.take("w1", owned, { nowMs });
      if (deliveries.length === 0) return sent;
      sent.push(...deliveries.map(({ event }) => event.id));
      await bundle.settle(deliveries, DELIVERED, { nowMs });
    }
  };
  const idOf = async (event: string) => (await bundle.store.listDeliveries({ limit: 9, event }))[0]!.id;

  describe("ordering", () => {
    it("sends the next of a subject when the one before was delivered, and every other subject meanwhile", async () => {
      const { owned } = await setUp({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"], ["a3", "a"], ["b1", "b"], ["b2", "b"], ["x"], ["y"]);
      const first = await bundle.take("w1", owned);
      expect(idsOf(first.deliveries)).toEqual(["a1", "b1", "x", "y"]);
      const inFlight = new Set(first.deliveries.map(({ id }) => id));
      expect((await bundle.take("w1", owned, { inFlight })).deliveries).toEqual([]);
      const [a1] = first.deliveries.filter(({ event }) => event.id === "a1");
      await bundle.settle([a1!], DELIVERED);
      const second = await bundle.take("w1", owned, { inFlight });
      expect(idsOf(second.deliveries)).toEqual(["a2"]);
    });

    it("sends one at a time in the order of publishing where the whole endpoint is ordered", async () => {
      const { endpoint, owned } = await setUp({ ordering: "endpoint" });
      const other = await bundle.addEndpoint({ ordering: "endpoint" });
      const ids = ["e1", "e2", "e3", "e4"];
      await publish(["e1", "a"], ["e2"]);
      await publish(["e3", "b"]);
      await publish(["e4", "a"]);
      const first = await bundle.take("w1", owned);
      expect(first.deliveries.map(({ endpoint, event }) => [endpoint, event.id]).toSorted()).toEqual(
        [endpoint.id, other.id].toSorted().map((id) => [id, "e1"]),
      );
      await bundle.settle(first.deliveries, DELIVERED);
      const sent = await drain(owned);
      expect(sent).toEqual(ids.slice(1).flatMap((id) => [id, id]));
    });

    it("tells one that waits from one that is due, and no time for it", async () => {
      const { owned } = await setUp({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"]);
      const waiting = await bundle.store.getDelivery(await idOf("a2"));
      expect(waiting).toMatchObject({ state: "scheduled", attempts: 0 });
      expect(waiting).not.toHaveProperty("dueMs");
      const { deliveries } = await bundle.take("w1", owned);
      await bundle.settle(deliveries, { state: "scheduled", dueMs: T0 + 700 });
      expect(await bundle.store.due({ shards: owned, nowMs: T0 })).toEqual({
        endpoints: [],
        nextDueMs: T0 + 700,
      });
      const batch = await bundle.take("w1", owned, { endpoints: [deliveries[0]!.endpoint], nowMs: T0 + 700 });
      expect(batch.deliveries).toMatchObject([{ id: deliveries[0]!.id, attempts: 1 }]);
      expect(batch).not.toHaveProperty("nextDueMs");
      expect(batch.more).toEqual([]);
    });

    it("goes on after one that has died, and not before", async () => {
      const { owned } = await setUp({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"]);
      const first = await bundle.take("w1", owned);
      await bundle.settle(first.deliveries, { state: "scheduled", dueMs: T0 });
      const again = await bundle.take("w1", owned);
      expect(idsOf(again.deliveries)).toEqual(["a1"]);
      await bundle.settle(again.deliveries, DEAD);
      expect(await drain(owned)).toEqual(["a2"]);
    });

    it("puts a dead one that is retried back in its place, behind what is being sent", async () => {
      const { owned } = await setUp({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"], ["a3", "a"]);
      await bundle.settle((await bundle.take("w1", owned)).deliveries, DEAD);
      const { deliveries } = await bundle.take("w1", owned);
      expect(idsOf(deliveries)).toEqual(["a2"]);
      await bundle.store.retryDelivery(await idOf("a1"), T0);
      const inFlight = new Set(deliveries.map(({ id }) => id));
      expect((await bundle.take("w1", owned, { inFlight })).deliveries).toEqual([]);
      await bundle.settle(deliveries, DELIVERED);
      expect(await drain(owned)).toEqual(["a1", "a3"]);
    });

    it("sends a dead one that is retried when nothing else is there", async () => {
      const { owned } = await setUp({ ordering: "endpoint" });
      await publish(["a1", "a"]);
      await bundle.settle((await bundle.take("w1", owned)).deliveries, DEAD);
      await bundle.store.retryDelivery(await idOf("a1"), T0);
      expect(await drain(owned)).toEqual(["a1"]);
    });

    it("lets nobody jump the queue by retrying it", async () => {
      const { owned } = await setUp({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"]);
      expect(await bundle.store.retryDelivery(await idOf("a2"), T0)).toMatchObject({ state: "scheduled" });
      expect(await drain(owned)).toEqual(["a1", "a2"]);
    });

    it("passes over what was cancelled, under way, waiting or in flight", async () => {
      const { owned } = await setUp({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"], ["a3", "a"], ["a4", "a"]);
      await bundle.store.cancelDelivery(await idOf("a1"), T0);
      await bundle.store.cancelDelivery(await idOf("a3"), T0);
      const { deliveries } = await bundle.take("w1", owned);
      expect(idsOf(deliveries)).toEqual(["a2"]);
      await bundle.store.cancelDelivery(await idOf("a2"), T0);
      await bundle.settle(deliveries, { state: "scheduled", dueMs: T0 });
      expect(await drain(owned)).toEqual(["a4"]);
    });

    it("keeps the order over a crash, and goes on after one that was in too many", async () => {
      await bundle.addEndpoint({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"]);
      let nowMs = T0;
      for (const worker of ["w1", "w2", "w3"]) {
        const { owned } = await bundle.lease(worker, nowMs);
        const { deliveries } = await bundle.take(worker, owned, { nowMs: nowMs + ALONE_MS });
        expect(idsOf(deliveries)).toEqual(["a1"]);
        nowMs += LEASE_MS;
      }
      const { owned } = await bundle.lease("w4", nowMs);
      expect(idsOf((await bundle.take("w4", owned, { nowMs })).deliveries)).toEqual(["a2"]);
    });

    it("lets nothing go for a settlement under a lost epoch", async () => {
      const { owned } = await setUp({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"]);
      const { deliveries } = await bundle.take("w1", owned);
      const heir = await bundle.lease("w2", T0 + LEASE_MS);
      expect(await bundle.settle(deliveries, DELIVERED)).toEqual([false]);
      const nowMs = T0 + LEASE_MS;
      expect(idsOf((await bundle.take("w2", heir.owned, { nowMs })).deliveries)).toEqual(["a1"]);
    });

    it("lets everything go that waits when there is to be no order any more", async () => {
      const { endpoint, owned } = await setUp({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"], ["a3", "a"]);
      const { deliveries } = await bundle.take("w1", owned);
      await bundle.store.changeEndpoint({ ...endpoint, ordering: "none", revision: 2 });
      await publish(["a4", "a"]);
      const inFlight = new Set(deliveries.map(({ id }) => id));
      expect(idsOf((await bundle.take("w1", owned, { inFlight })).deliveries)).toEqual(["a2", "a3", "a4"]);
      await bundle.settle(deliveries, DEAD);
      await bundle.store.retryDelivery(await idOf("a1"), T0);
      expect(idsOf((await bundle.take("w1", owned)).deliveries)).toEqual(["a1", "a2", "a3", "a4"]);
    });

    it("orders what is published after it was asked for", async () => {
      const { endpoint, owned } = await setUp({ ordering: "none" });
      await publish(["a1", "a"], ["a2", "a"]);
      await bundle.store.changeEndpoint({ ...endpoint, ordering: "subject", revision: 2 });
      await publish(["a3", "a"], ["a4", "a"]);
      expect(idsOf((await bundle.take("w1", owned)).deliveries)).toEqual(["a1", "a2", "a3"]);
    });

    it("keeps those that wait in their order when another order is asked for", async () => {
      const { endpoint, owned } = await setUp({ ordering: "subject" });
      await publish(["a1", "a"], ["a2", "a"], ["b1", "b"]);
      await bundle.store.changeEndpoint({ ...endpoint, ordering: "endpoint", revision: 2 });
      await publish(["e1"], ["e2", "a"]);
      const sent = await drain(owned);
      const inOrder = (...ids: readonly string[]) => sent.filter((id) => ids.includes(id));
      expect(sent).toHaveLength(5);
      expect(inOrder("a1", "a2")).toEqual(["a1", "a2"]);
      expect(inOrder("e1", "e2")).toEqual(["e1", "e2"]);
    });

    it("cancels those that wait with their endpoint, and knows all deliveries of an event", async () => {
      const { endpoint } = await setUp({ ordering: "subject" });
      const event = bundle.eventOf({ subject: "a" });
      await publish(["a1", "a"]);
      await bundle.store.publish([event], T0);
      expect(await bundle.store.publish([event], T0)).toMatchObject([{ deliveries: 1, duplicate: true }]);
      await bundle.store.removeEndpoint(endpoint.id, T0);
      expect(await bundle.store.listDeliveries({ limit: 9, state: "cancelled" })).toHaveLength(2);
    });

    it("is not held up by one that could not be rendered, and sends it in its place when it can", async () => {
      const { owned } = await setUp({ ordering: "subject" });
      const failed = { kind: "failed", reason: "migration_failed", error: new Error("no") } as const;
      await bundle.store.publish([bundle.eventOf({ id: "a1", subject: "a", render: () => failed })], T0);
      await publish(["a2", "a"], ["a3", "a"]);
      const { deliveries } = await bundle.take("w1", owned);
      expect(idsOf(deliveries)).toEqual(["a2"]);
      await bundle.store.retryDelivery(await idOf("a1"), T0, { kind: "own" });
      await bundle.settle(deliveries, DELIVERED);
      expect(await drain(owned)).toEqual(["a1", "a3"]);
    });

    it("leaves nothing behind, whatever is published and cancelled while the one before comes to its end", async () => {
      const { owned } = await setUp({ ordering: "subject" });
      const sent: string[] = [];
      const cancelled = new Set<string>();
      for (let round = 0; round < 60; round += 1) {
        const subjects = ["a", "b", "c"] as const;
        const { deliveries } = await bundle.take("w1", owned);
        sent.push(...deliveries.map(({ event }) => event.id));
        const [scheduled] = await bundle.store.listDeliveries({ limit: 1, state: "scheduled" });
        const spared = new Set(deliveries.map(({ id }) => id));
        const victim = round % 5 === 0 && scheduled && !spared.has(scheduled.id) ? scheduled : undefined;
        if (victim !== undefined) cancelled.add(victim.event);
        await Promise.all([
          ...subjects.map((subject) => publish([`${subject}_${String(round).padStart(3, "0")}`, subject])),
          bundle.settle(deliveries, DELIVERED),
          victim && bundle.store.cancelDelivery(victim.id, T0),
        ]);
      }
      sent.push(...(await drain(owned)));
      expect(await bundle.store.listDeliveries({ limit: 9, state: "scheduled" })).toEqual([]);
      expect(sent.length + cancelled.size).toBe(180);
      for (const subject of ["a", "b", "c"]) {
        const ofSubject = sent.filter((id) => id.startsWith(subject));
        expect(ofSubject).toEqual(ofSubject.toSorted());
      }
    });
  });
}
