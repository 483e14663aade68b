import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../core/model.ts";
import type { DeadLetterFilter } from "../../store.ts";
import { type Bundle, T0 } from "./bundle.ts";

const HOUR_MS = 3_600_000;

const body = (text: string) => ({ before: `"${text}`, after: '"' });

export function describeDeadLetters(bundle: Bundle): void {
  const dead = (filter: DeadLetterFilter = {}) => bundle.store.listDeadLetters({ limit: 99, ...filter });
  const eventsOf = async (filter: DeadLetterFilter = {}) => (await dead(filter)).map(({ event }) => event);
  /** Publishes one event an hour to endpoints that die of it, but for every third, which arrives. */
  const publishAll = async (count: number) => {
    const { owned } = await bundle.lease("w1");
    for (let index = 0; index < count; index += 1) {
      const nowMs = T0 + index * HOUR_MS;
      const type = index % 2 === 0 ? "invoice.paid" : "user.created";
      await bundle.store.publish([bundle.eventOf({ id: `e${index}`, type })], nowMs);
      const { owned: still } = await bundle.lease("w1", nowMs);
      const { deliveries } = await bundle.take("w1", still, { nowMs, room: 99 });
      const next =
        index % 3 === 2 ? ({ state: "delivered" } as const) : ({ state: "dead", reason: "x" } as const);
      await bundle.settle(deliveries, next, { nowMs });
    }
    return owned;
  };

  describe("listDeadLetters", () => {
    it("lists what was given up, newest first, by endpoint, subscriber, type, event and time", async () => {
      const one: Endpoint = await bundle.addEndpoint({ subscriber: "sub_a" });
      const two: Endpoint = await bundle.addEndpoint({
        subscriber: "sub_b",
        eventTypes: ["user.created"],
      });
      await publishAll(6);
      expect(await eventsOf({ endpoint: one.id })).toEqual(["e4", "e3", "e1", "e0"]);
      expect(await eventsOf({ endpoint: two.id })).toEqual(["e3", "e1"]);
      expect(await eventsOf({ subscriber: "sub_b" })).toEqual(["e3", "e1"]);
      expect(await eventsOf({ eventType: "invoice.paid" })).toEqual(["e4", "e0"]);
      expect(await eventsOf({ subscriber: "sub_a", eventType: "user.created" })).toEqual(["e3", "e1"]);
      expect(await eventsOf({ endpoint: one.id, subscriber: "sub_b" })).toEqual([]);
      expect(await eventsOf({ event: "e3" })).toEqual(["e3", "e3"]);
      expect(await eventsOf({ event: "e3", endpoint: two.id })).toEqual(["e3"]);
      expect(await eventsOf({ event: "e2" })).toEqual([]);
      expect(await eventsOf({ event: "none" })).toEqual([]);
      const from = { endpoint: one.id, fromMs: T0 + HOUR_MS };
      expect(await eventsOf(from)).toEqual(["e4", "e3", "e1"]);
      expect(await eventsOf({ ...from, toMs: T0 + 4 * HOUR_MS })).toEqual(["e3", "e1"]);
      expect(await eventsOf({ toMs: T0 })).toEqual([]);
      expect((await dead()).every(({ state }) => state === "dead")).toBe(true);
    });

    it("lists page by page, and nothing that was retried", async () => {
      const { id } = await bundle.addEndpoint();
      await publishAll(5);
      const all = await dead({ endpoint: id });
      const first = await bundle.store.listDeadLetters({ limit: 2, endpoint: id });
      const second = await bundle.store.listDeadLetters({ limit: 2, endpoint: id, after: first[1]!.id });
      expect([...first, ...second]).toEqual(all);
      await bundle.store.retryDelivery(all[0]!.id, T0);
      expect(await dead()).toEqual(all.slice(1));
    });

    it("finds what was made while the clock was set back", async () => {
      const { id } = await bundle.addEndpoint();
      await bundle.store.publish([bundle.eventOf()], T0 + HOUR_MS);
      await publishAll(1);
      expect(await eventsOf({ endpoint: id, fromMs: T0, toMs: T0 + 1 })).toEqual(["e0"]);
    });
  });

  describe("getSent", () => {
    it("gives what a delivery sends, also when it came to its end, and nothing for what could not be made", async () => {
      await bundle.addEndpoint();
      const other = { kind: "other", key: "1", version: "1.9.0", envelope: body("other") } as const;
      const failed = { kind: "failed", reason: "migration_failed", error: undefined } as const;
      const renderings = [{ kind: "own" } as const, other, failed];
      for (const [index, rendition] of renderings.entries()) {
        const event = { id: `e${index}`, envelope: body("own"), render: () => rendition };
        await bundle.store.publish([bundle.eventOf(event)], T0);
      }
      const sent = async (event: string) => {
        const [delivery] = await bundle.store.listDeliveries({ limit: 1, event });
        const found = await bundle.store.getSent(delivery!.id);
        return found && [found.version, Buffer.from(found.body).toString()];
      };
      const expected = [["1.0.0", '"own"'], ["1.9.0", '"other"'], undefined];
      expect([await sent("e0"), await sent("e1"), await sent("e2")]).toEqual(expected);
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned);
      await bundle.settle(deliveries, { state: "delivered" });
      expect([await sent("e0"), await sent("e1"), await sent("e2")]).toEqual(expected);
      expect(await bundle.store.getSent("dlv_none")).toBeUndefined();
    });
  });
}
