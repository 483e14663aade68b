import { describe, expect, it } from "vitest";
import { IDEMPOTENCY_MS, type PurgePosition } from "../../store.ts";
import { type Bundle, T0 } from "./bundle.ts";

/** Sweeps through all that is older, and gives how many events went in each batch that looked at some. */
async function sweep(bundle: Bundle, beforeMs: number, limit = 10): Promise<readonly number[]> {
  const went: number[] = [];
  let after: PurgePosition | undefined;
  for (let batch = 0; batch < 100; batch += 1) {
    const purged = await bundle.store.purge({ beforeMs, nowMs: beforeMs, limit, after });
    if (!purged.hasMore) return went;
    went.push(purged.events);
    after = purged.after;
  }
  throw new Error("A sweep does not end");
}

const idsOf = async (bundle: Bundle) => (await bundle.store.listEvents({ limit: 99 })).map(({ id }) => id);

const purgeKeys = (bundle: Bundle, nowMs: number) => bundle.store.purge({ beforeMs: 0, nowMs, limit: 1 });

export function describeRetention(bundle: Bundle): void {
  describe("purge", () => {
    it("removes an event with its deliveries, attempts and what was rendered, and nothing younger", async () => {
      await bundle.addEndpoint({ versions: { "invoice.paid": "1" } });
      const envelope = { before: '{"old":true', after: "}" };
      const render = () => ({ kind: "other", key: "1.0.0", version: "1.0.0", envelope }) as const;
      const old = bundle.eventOf({ id: "evt_old", render });
      await bundle.store.publish([old], T0);
      await bundle.store.publish([bundle.eventOf({ id: "evt_young" })], T0 + 1);
      const { owned } = await bundle.lease("w1");
      const first = await bundle.take("w1", owned, { nowMs: T0 });
      await bundle.settle(first.deliveries, { state: "scheduled", dueMs: T0 });
      const second = await bundle.take("w1", owned, { nowMs: T0 });
      await bundle.settle(second.deliveries, { state: "dead", reason: "schedule_exhausted" });
      const [delivery] = await bundle.store.listDeliveries({ limit: 9, event: "evt_old" });
      expect(await bundle.store.listAttempts(delivery!.id)).toHaveLength(2);

      expect(await sweep(bundle, T0)).toEqual([]);
      expect(await sweep(bundle, T0 + 1)).toEqual([1]);
      expect(await idsOf(bundle)).toEqual(["evt_young"]);
      expect(await bundle.store.getDelivery(delivery!.id)).toBeUndefined();
      expect(await bundle.store.listAttempts(delivery!.id)).toEqual([]);
      expect(await bundle.store.listDeliveries({ limit: 9 })).toMatchObject([{ event: "evt_young" }]);
      // Its id is free, and what is sent under it now is not what was.
      const anew = bundle.eventOf({
        id: "evt_old",
        digest: "another",
        render: () => ({ ...render(), envelope: { before: '{"old":false', after: "}" } }),
      });
      expect(await bundle.store.publish([anew], T0 + 2)).toMatchObject([{ duplicate: false }]);
      const { deliveries } = await bundle.take("w1", owned, { nowMs: T0 + 2 });
      const sent = deliveries.find(({ event }) => event.id === "evt_old");
      expect(Buffer.from(sent!.event.body).toString()).toBe('{"old":false}');
    });

    it("leaves an event as long as one of its deliveries is pending", async () => {
      const [held] = [await bundle.addEndpoint(), await bundle.addEndpoint()];
      await bundle.store.publish([bundle.eventOf({ id: "evt_1" })], T0);
      const deliveries = await bundle.store.listDeliveries({ limit: 9 });
      const pending = deliveries.find(({ endpoint }) => endpoint === held.id)!;
      const other = deliveries.find(({ endpoint }) => endpoint !== held.id)!;
      await bundle.store.cancelDelivery(other.id, T0);
      expect(await sweep(bundle, T0 + 1)).toEqual([0]);
      expect(await bundle.store.listDeliveries({ limit: 9, event: "evt_1" })).toHaveLength(2);
      await bundle.store.cancelDelivery(pending.id, T0);
      expect(await sweep(bundle, T0 + 1)).toEqual([1]);
      expect(await bundle.store.listDeliveries({ limit: 9 })).toEqual([]);
    });

    it("leaves what is revived at the same moment, or it is gone altogether", async () => {
      await bundle.addEndpoint();
      await bundle.store.publish(
        Array.from({ length: 12 }, () => bundle.eventOf()),
        T0,
      );
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned, { room: 12 });
      await bundle.settle(deliveries, { state: "dead", reason: "schedule_exhausted" });
      const revive = deliveries.map(({ id }) => bundle.store.retryDelivery(id, T0 + 1));
      const [[went = 0]] = await Promise.all([sweep(bundle, T0 + 1, 100), ...revive]);
      expect(await bundle.store.listEvents({ limit: 99 })).toHaveLength(12 - went);
      const kept = await bundle.store.listDeliveries({ limit: 99 });
      expect(kept).toHaveLength(12 - went);
      for (const { event } of kept) expect(await bundle.store.getEvent(event)).toMatchObject({ id: event });
      const { deliveries: again } = await bundle.take("w1", owned, { nowMs: T0 + 1, room: 12 });
      expect(again).toHaveLength(12 - went);
    });

    it("goes on after what it had to leave, in batches that count deliveries too", async () => {
      const nowhere = await bundle.addEndpoint({ eventTypes: ["order.created"] });
      await bundle.store.publish(
        Array.from({ length: 12 }, () => bundle.eventOf({ endpoint: nowhere.id })),
        T0,
      );
      await bundle.store.publish(
        Array.from({ length: 25 }, () => bundle.eventOf()),
        T0 + 1,
      );
      const [first, ...others] = await sweep(bundle, T0 + 2);
      expect(first).toBe(0);
      expect(others.reduce((sum, went) => sum + went)).toBe(25);
      expect(Math.max(...others)).toBeLessThanOrEqual(10);
      for (const { id } of await bundle.store.listDeliveries({ limit: 99 }))
        await bundle.store.cancelDelivery(id, T0);
      expect(await sweep(bundle, T0 + 2, 4)).toEqual([2, 2, 2, 2, 2, 2]);
      expect(await idsOf(bundle)).toEqual([]);
    });

    it("removes an event bit by bit, none of them larger than a batch", async () => {
      for (let count = 0; count < 30; count += 1) await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf({ id: "evt_1" })], T0);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned);
      await bundle.settle(deliveries, { state: "dead", reason: "schedule_exhausted" });
      const countLeft = async () => (await bundle.store.listDeliveries({ limit: 99, event: "evt_1" })).length;
      const left: number[] = [];
      const purge = async () => {
        const purged = await bundle.store.purge({ beforeMs: T0 + 1, nowMs: T0, limit: 10 });
        left.push(await countLeft());
        return purged;
      };
      expect(await purge()).toMatchObject({ events: 0, after: undefined, hasMore: true });
      const [revived] = await bundle.store.listDeliveries({ limit: 1, event: "evt_1" });
      await bundle.store.retryDelivery(revived!.id, T0);
      // What is sent again keeps what it belongs to, and what that still has.
      expect(await purge()).toMatchObject({ events: 0, after: { id: "evt_1" } });
      await bundle.store.cancelDelivery(revived!.id, T0);
      let hasMore = true;
      for (let batch = 0; hasMore && batch < 20; batch += 1) ({ hasMore } = await purge());
      expect(left[1]).toBe(left[0]);
      expect(left.at(-1)).toBe(0);
      expect(await idsOf(bundle)).toEqual([]);
      for (const [index, count] of left.entries())
        expect((left[index - 1] ?? 30) - count).toBeLessThanOrEqual(10);
    });

    it("goes on counting a subject where it was", async () => {
      await bundle.store.publish([bundle.eventOf({ subject: "inv_1" })], T0);
      expect(await sweep(bundle, T0 + 1)).toEqual([1]);
      await bundle.store.publish([bundle.eventOf({ id: "evt_next", subject: "inv_1" })], T0 + 1);
      expect(await bundle.store.getEvent("evt_next")).toMatchObject({ sequence: 2 });
    });

    it("forgets keys whose time is over, however long events are kept, and no others", async () => {
      const idempotency = { key: "k", digest: "d" };
      const publish = (nowMs: number, digest: string) =>
        bundle.store.publish([bundle.eventOf({ digest, idempotency: { ...idempotency, digest } })], nowMs);
      await publish(T0, "d");
      expect(await purgeKeys(bundle, T0 + IDEMPOTENCY_MS - 1)).toMatchObject({ hasMore: false });
      expect(await publish(T0, "other")).toMatchObject([{ kind: "idempotency_conflict" }]);
      expect(await purgeKeys(bundle, T0 + IDEMPOTENCY_MS)).toMatchObject({ events: 0, hasMore: true });
      expect(await publish(T0, "other")).toMatchObject([{ kind: "published", duplicate: false }]);
    });
  });
}
