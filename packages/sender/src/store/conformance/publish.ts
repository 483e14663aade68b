import { describe, expect, it } from "vitest";
import { type Bundle, T0 } from "./bundle.ts";

export function describePublish(bundle: Bundle): void {
  describe("publish", () => {
    it("makes one delivery for every endpoint that takes the type, and no other", async () => {
      const all = await bundle.addEndpoint();
      const exact = await bundle.addEndpoint({ eventTypes: ["invoice.paid", "invoice.*"] });
      const resource = await bundle.addEndpoint({ eventTypes: ["invoice.*"] });
      await bundle.addEndpoint({ eventTypes: ["order.created"] });
      const [result] = await bundle.store.publish([bundle.eventOf()], T0);
      expect(result).toMatchObject({ kind: "published", deliveries: 3, duplicate: false });
      const made = await bundle.store.listDeliveries({ limit: 10 });
      expect(made.map(({ endpoint }) => endpoint).toSorted()).toEqual(
        [all.id, exact.id, resource.id].toSorted(),
      );
      expect(new Set(made.map(({ id }) => id)).size).toBe(3);
    });

    it("keeps an event for one subscriber from all others", async () => {
      const mine = await bundle.addEndpoint({ subscriber: "sub_mine" });
      await bundle.addEndpoint({ subscriber: "sub_other" });
      await bundle.store.publish([bundle.eventOf({ subscriber: "sub_mine" })], T0);
      const made = await bundle.store.listDeliveries({ limit: 10 });
      expect(made.map(({ endpoint, subscriber }) => [endpoint, subscriber])).toEqual([[mine.id, "sub_mine"]]);
    });

    it("refuses an event for a subscriber that does not exist, which would reach nobody", async () => {
      expect(await bundle.store.publish([bundle.eventOf({ subscriber: "sub_none" })], T0)).toMatchObject([
        { kind: "subscriber_not_found" },
      ]);
      expect(await bundle.store.listEvents({ limit: 10 })).toEqual([]);
    });

    it("sends an event that names an endpoint to it alone", async () => {
      const named = await bundle.addEndpoint({ eventTypes: ["order.created"] });
      await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf({ endpoint: named.id })], T0);
      const made = await bundle.store.listDeliveries({ limit: 10 });
      expect(made.map(({ endpoint }) => endpoint)).toEqual([named.id]);
    });

    it("answers a repeated id with what was published, and refuses it with other content", async () => {
      await bundle.addEndpoint();
      const event = bundle.eventOf();
      await bundle.store.publish([event], T0);
      await bundle.addEndpoint();
      const [again] = await bundle.store.publish([event], T0 + 1);
      expect(again).toEqual({
        kind: "published",
        id: event.id,
        deliveries: 1,
        duplicate: true,
        endpoints: [],
        unrendered: [],
      });
      const [other] = await bundle.store.publish([{ ...event, digest: "another" }], T0 + 2);
      expect(other).toEqual({ kind: "event_id_conflict", id: event.id });
      expect(await bundle.store.listDeliveries({ limit: 10 })).toHaveLength(1);
    });

    it("keeps nothing of a call with a conflict in it", async () => {
      await bundle.addEndpoint();
      const event = bundle.eventOf();
      await bundle.store.publish([event], T0);
      const results = await bundle.store.publish(
        [bundle.eventOf({ id: "evt_new" }), { ...event, digest: "another" }],
        T0,
      );
      expect(results.map(({ kind }) => kind)).toContain("event_id_conflict");
      expect(await bundle.store.getEvent("evt_new")).toBeUndefined();
    });

    it("knows an event by its idempotency key for a day", async () => {
      await bundle.addEndpoint();
      const first = bundle.eventOf({ idempotency: { key: "k", digest: "same" }, digest: "same" });
      const second = bundle.eventOf({ idempotency: { key: "k", digest: "same" }, digest: "same" });
      await bundle.store.publish([first], T0);
      expect(await bundle.store.publish([second], T0 + 1)).toMatchObject([{ id: first.id, duplicate: true }]);
      expect(
        await bundle.store.publish(
          [bundle.eventOf({ idempotency: { key: "k", digest: "other" }, digest: "other" })],
          T0 + 2,
        ),
      ).toMatchObject([{ kind: "idempotency_conflict" }]);
      const later = T0 + 25 * 60 * 60 * 1_000;
      expect(await bundle.store.publish([second], later)).toMatchObject([
        { id: second.id, duplicate: false },
      ]);
    });

    it("keeps an id that is published many times at once only once", async () => {
      await bundle.addEndpoint();
      const event = bundle.eventOf();
      const results = await Promise.all(Array.from({ length: 50 }, () => bundle.store.publish([event], T0)));
      expect(
        results.flat().filter((result) => result.kind === "published" && !result.duplicate),
      ).toHaveLength(1);
      expect(await bundle.store.listDeliveries({ limit: 100 })).toHaveLength(1);
    });

    it("numbers the events of a subject without gaps, and those without a subject not at all", async () => {
      const subjects = ["a", "b", "a", undefined, "a"];
      const events = subjects.map((subject) => bundle.eventOf(subject === undefined ? {} : { subject }));
      await bundle.store.publish(events, T0);
      const kept = await Promise.all(events.map(({ id }) => bundle.store.getEvent(id)));
      expect(kept.map((event) => event?.sequence)).toEqual([1, 1, 2, undefined, 3]);
      expect(kept.map((event) => JSON.parse(Buffer.from(event?.body ?? []).toString()).sequence)).toEqual([
        1,
        1,
        2,
        undefined,
        3,
      ]);
    });

    it("leaves no gap in the numbers where a call was refused", async () => {
      const event = bundle.eventOf({ subject: "a" });
      await bundle.store.publish([event], T0);
      await bundle.store.publish([bundle.eventOf({ subject: "a" }), { ...event, digest: "another" }], T0);
      const next = bundle.eventOf({ subject: "a" });
      await bundle.store.publish([next], T0);
      expect((await bundle.store.getEvent(next.id))?.sequence).toBe(2);
    });
  });
}
