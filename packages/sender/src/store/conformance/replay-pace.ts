import { describe, expect, it } from "vitest";
import { BUSY_MS, MOST_DUE } from "../../core/replay.ts";
import { type Bundle, T0 } from "./bundle.ts";
import { createReplayBundle, DEAD, DELIVERED, names } from "./replay-bundle.ts";

export function describeReplayPace(bundle: Bundle): void {
  const { add, advance, run, send, scheduled, replayOf } = createReplayBundle(bundle);
  const get = (id: string) => bundle.store.getReplay(id);

  describe("the pace of a replay", () => {
    it("is at most so many a second, also after a while of nothing", async () => {
      const endpoint = await bundle.addEndpoint({ state: "paused" });
      await send(names(9), DEAD);
      await bundle.store.changeEndpoint({ ...endpoint, state: "active", revision: 2 });
      await send(names(9, "f"), DEAD);
      const id = await add(endpoint, {}, { perSecond: 2 });
      const replayed = async (nowMs: number) => {
        await run(id, { nowMs });
        return (await get(id))?.replayed;
      };
      expect(await replayed(T0 + 100_000)).toBe(2);
      expect(await replayed(T0 + 100_400)).toBe(2);
      expect((await advance(id, { nowMs: T0 + 100_400 })).nextMs).toBe(T0 + 100_500);
      expect(await replayed(T0 + 100_500)).toBe(3);
      expect(await replayed(T0 + 200_000)).toBe(5);
      // As does a clock that is set back.
      expect(await replayed(T0 + 1_000)).toBe(7);
      expect(await replayed(T0 + 1_500)).toBe(8);
    });

    it("leaves an endpoint time for what is published meanwhile", async () => {
      const endpoint = await bundle.addEndpoint();
      await send(names(MOST_DUE + 20), DEAD);
      const id = await add(endpoint);
      await run(id);
      expect(await get(id)).toMatchObject({ state: "running", replayed: MOST_DUE });
      await bundle.store.publish([bundle.eventOf({ id: "live" })], T0 + 11);
      const { owned } = await bundle.lease("w1");
      const first = await bundle.take("w1", owned, { nowMs: T0 + 11, room: 30 });
      await bundle.settle(first.deliveries, DELIVERED, { nowMs: T0 + 11 });
      const busy = { nowMs: T0 + 11 };
      expect((await advance(id, busy)).nextMs).toBeGreaterThan(T0 + 11);
      const later = { nowMs: T0 + 11 + BUSY_MS };
      await run(id, later);
      const rest = await bundle.take("w1", owned, { ...later, room: 100 });
      const events = rest.deliveries.map(({ event }) => event.id);
      expect(events.indexOf("live")).toBe(MOST_DUE - 30);
      expect(events).toHaveLength(41);
    });

    it("is that of one endpoint's rate limit, and does not keep others waiting", async () => {
      const slow = await bundle.addEndpoint({ subscriber: "sub_a", rateLimit: { perSecond: 2, burst: 9 } });
      const fast = await bundle.addEndpoint({ subscriber: "sub_a" });
      await send(names(20), DEAD);
      const { endpoint: _, ...filter } = replayOf(slow).filter;
      const replay = { ...replayOf(slow), filter };
      await bundle.store.addReplay(replay);
      await run(replay.id);
      expect((await scheduled(slow)).length).toBe(2);
      expect((await scheduled(fast)).length).toBe(20);
    });

    it("fills an endpoint that holds its deliveries", async () => {
      const endpoint = await bundle.addEndpoint();
      await send(names(MOST_DUE + 5), DEAD);
      await bundle.store.changeEndpoint({ ...endpoint, state: "disabled", revision: 2 });
      const id = await add(endpoint);
      await run(id);
      expect(await get(id)).toMatchObject({ state: "finished", replayed: MOST_DUE + 5 });
      expect(await scheduled(endpoint)).toHaveLength(MOST_DUE + 5);
    });

    it("goes on when the clock is set back", async () => {
      const endpoint = await bundle.addEndpoint();
      await send(names(MOST_DUE + 1), DEAD);
      const id = await add(endpoint);
      await run(id, { nowMs: T0 + 3_600_000 });
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned, { nowMs: T0 + 3_600_000, room: 99 });
      await bundle.settle(deliveries, DELIVERED);
      await run(id, { nowMs: T0 + 20 });
      expect(await get(id)).toMatchObject({ state: "finished", replayed: MOST_DUE + 1 });
    });
  });

  describe("the order of a replay", () => {
    it.each(["subject", "endpoint"] as const)(
      "is that of publishing where %s is ordered",
      async (ordering) => {
        const endpoint = await bundle.addEndpoint({ ordering });
        const events = names(6).map((id) => bundle.eventOf({ id, subject: "one" }));
        for (const event of events) await bundle.store.publish([event], T0);
        const { owned } = await bundle.lease("w1");
        const drain = async (next: typeof DEAD | typeof DELIVERED, nowMs: number) => {
          const sent: string[] = [];
          for (;;) {
            await bundle.store.due({ shards: owned, nowMs });
            const { deliveries } = await bundle.take("w1", owned, { nowMs });
            if (deliveries.length === 0) return sent;
            expect(deliveries).toHaveLength(1);
            sent.push(...deliveries.map(({ event }) => event.id));
            await bundle.settle(deliveries, next, { nowMs });
          }
        };
        expect(await drain(DEAD, T0)).toEqual(names(6));
        const id = await add(endpoint, { states: ["dead", "cancelled"] });
        await advance(id, { limit: 2 });
        const { deliveries } = await bundle.take("w1", owned, { nowMs: T0 + 10 });
        await run(id);
        await bundle.settle(deliveries, DELIVERED, { nowMs: T0 + 10 });
        expect([...deliveries.map(({ event }) => event.id), ...(await drain(DELIVERED, T0 + 10))]).toEqual(
          names(6),
        );
      },
    );

    it("holds for what was cancelled", async () => {
      const endpoint = await bundle.addEndpoint({ ordering: "subject" });
      for (const id of names(3)) await bundle.store.publish([bundle.eventOf({ id, subject: "one" })], T0);
      for (const { id } of await bundle.store.listDeliveries({ limit: 9 }))
        await bundle.store.cancelDelivery(id, T0);
      await run(await add(endpoint, { states: ["cancelled"] }));
      const { owned } = await bundle.lease("w1");
      await bundle.store.due({ shards: owned, nowMs: T0 + 10 });
      const { deliveries } = await bundle.take("w1", owned, { nowMs: T0 + 10 });
      expect(deliveries.map(({ event }) => event.id)).toEqual(["e0000"]);
    });
  });
}
