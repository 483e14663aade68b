import { describe, expect, it } from "vitest";
import type { Replay } from "../../core/replay.ts";
import { type Bundle, T0 } from "./bundle.ts";
import { createReplayBundle, DEAD, DELIVERED, names } from "./replay-bundle.ts";

const announcement = (replay: Replay) => ({
  id: `evt_${replay.id}`,
  type: "replay.finished",
  subscriber: replay.filter.subscriber,
  data: { state: replay.state, replayed: replay.replayed },
});

export function describeReplays(bundle: Bundle): void {
  const { replayOf, add, advance, run, send, scheduled } = createReplayBundle(bundle);
  const get = (id: string) => bundle.store.getReplay(id);

  describe("advanceReplay", () => {
    it("sends what died again, with the same ids, further attempts and the schedule anew", async () => {
      const endpoint = await bundle.addEndpoint();
      await send(["e1"], DEAD);
      const [dead] = await bundle.store.listDeadLetters({ limit: 1 });
      const id = await add(endpoint);
      expect(await advance(id)).toEqual({ endpoints: [endpoint.id], nextMs: T0 + 10 });
      await run(id);
      expect(await get(id)).toMatchObject({
        state: "finished",
        replayed: 1,
        skipped: 0,
        finishedAtMs: T0 + 10,
      });
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned, { nowMs: T0 + 10 });
      expect(deliveries).toMatchObject([{ id: dead!.id, event: { id: "e1" }, attempts: 1, scheduleStep: 0 }]);
      await bundle.settle(deliveries, DELIVERED, { nowMs: T0 + 11 });
      const attempts = await bundle.store.listAttempts(dead!.id);
      expect(attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
        [1, "http_status"],
        [2, "delivered"],
      ]);
    });

    it("selects by endpoint, type, state and time", async () => {
      const endpoint = await bundle.addEndpoint();
      const other = await bundle.addEndpoint();
      await send(["paid"], DEAD, { type: "invoice.paid" });
      await send(["made"], DEAD, { type: "user.created" });
      await send(["arrived"], DELIVERED, { type: "invoice.sent" });
      await bundle.store.publish([bundle.eventOf({ id: "dropped", type: "order.made" })], T0 + 5);
      for (const { id } of await bundle.store.listDeliveries({ limit: 9, state: "scheduled" }))
        await bundle.store.cancelDelivery(id, T0 + 5);
      const count = async (filter: Partial<Replay["filter"]>) =>
        (await bundle.store.countReplay({ filter: replayOf(endpoint, filter).filter, limit: 100 })).count;
      const all = ["delivered", "dead", "cancelled"] as const;
      expect(await count({})).toBe(2);
      expect(await count({ states: all })).toBe(4);
      expect(await count({ states: ["dead", "cancelled"] })).toBe(3);
      expect(await count({ states: all, eventTypes: ["invoice.*"] })).toBe(2);
      expect(await count({ states: all, eventTypes: ["user.created", "order.made"] })).toBe(2);
      expect(await count({ states: all, fromMs: T0 + 5 })).toBe(1);
      expect(await count({ states: all, toMs: T0 + 5 })).toBe(3);
      expect(await count({ states: all, fromMs: T0, toMs: T0 })).toBe(0);
      await run(await add(endpoint, { states: ["delivered"] }));
      expect(await scheduled(endpoint)).toEqual(["arrived"]);
      await run(await add(endpoint, { states: ["cancelled", "dead"], eventTypes: ["invoice.*", "order.*"] }));
      expect(await scheduled(endpoint)).toEqual(["arrived", "dropped", "paid"]);
      expect(await scheduled(other)).toEqual([]);
    });

    it("goes through all endpoints of a subscriber, and nobody else's", async () => {
      const mine = [
        await bundle.addEndpoint({ subscriber: "sub_a" }),
        await bundle.addEndpoint({ subscriber: "sub_a" }),
      ];
      const theirs = await bundle.addEndpoint({ subscriber: "sub_b" });
      await send(["e1", "e2"], DEAD);
      const { endpoint: _, ...filter } = replayOf(mine[0]!).filter;
      expect(await bundle.store.countReplay({ filter, limit: 100 })).toEqual({ count: 4 });
      const replay = { ...replayOf(mine[0]!), filter };
      await bundle.store.addReplay(replay);
      await run(replay.id);
      for (const endpoint of mine) expect(await scheduled(endpoint)).toEqual(["e1", "e2"]);
      expect(await scheduled(theirs)).toEqual([]);
      expect(await get(replay.id)).toMatchObject({ state: "finished", replayed: 4 });
      const foreign = await add(theirs, { subscriber: "sub_a", endpoint: theirs.id });
      await run(foreign);
      expect(await get(foreign)).toMatchObject({ state: "finished", replayed: 0 });
    });

    it("makes nothing due twice, in however small steps, though it dies again meanwhile", async () => {
      const endpoint = await bundle.addEndpoint({ state: "active" });
      await send(names(25), DEAD);
      const id = await add(endpoint);
      const { owned } = await bundle.lease("w1");
      const sent: string[] = [];
      while ((await get(id))?.state === "running") {
        await Promise.all([advance(id, { limit: 3 }), advance(id, { limit: 3 })]);
        const { deliveries } = await bundle.take("w1", owned, { nowMs: T0 + 10, room: 50 });
        sent.push(...deliveries.map(({ event }) => event.id));
        await bundle.settle(deliveries, DEAD, { nowMs: T0 + 10 });
      }
      expect(sent.toSorted()).toEqual(names(25));
      expect(await get(id)).toMatchObject({ state: "finished", replayed: 25 });
    });

    it("leaves alone what is retried, removed or added meanwhile", async () => {
      const endpoint = await bundle.addEndpoint();
      await send(names(4), DEAD);
      const id = await add(endpoint);
      await advance(id, { limit: 1 });
      const [last] = await bundle.store.listDeadLetters({ limit: 1 });
      await bundle.store.retryDelivery(last!.id, T0 + 5);
      await bundle.store.publish([bundle.eventOf({ id: "late" })], T0 + 2_000_000);
      await bundle.store.cancelDelivery(
        (await bundle.store.listDeliveries({ limit: 1, event: "late" }))[0]!.id,
        T0 + 2_000_000,
      );
      await run(id);
      expect(await get(id)).toMatchObject({ state: "finished", replayed: 3 });
      expect(await scheduled(endpoint)).toEqual(names(4));
      const other = await add(endpoint, { states: ["cancelled"] });
      await bundle.store.removeEndpoint(endpoint.id, T0 + 20);
      await run(other);
      expect(await get(other)).toMatchObject({ state: "finished", replayed: 0 });
    });

    it("renders what could not be rendered before, and passes over what still cannot", async () => {
      const endpoint = await bundle.addEndpoint();
      const failed = { kind: "failed", reason: "migration_failed", error: undefined } as const;
      const events = ["e1", "e2", "e3"].map((id) => bundle.eventOf({ id, render: () => failed }));
      await bundle.store.publish(events, T0);
      const id = await add(endpoint);
      const renditions = new Map([
        ["e1", { kind: "own" } as const],
        ["e2", { kind: "other", key: "1", version: "1.9.0", body: Buffer.from("{}") } as const],
      ]);
      const asked: string[] = [];
      await run(id, {
        render: (event, { id: of }) => {
          asked.push(`${event.id} ${of}`);
          return renditions.get(event.id);
        },
      });
      expect(asked.toSorted()).toEqual(["e1", "e2", "e3"].map((event) => `${event} ${endpoint.id}`));
      expect(await get(id)).toMatchObject({ state: "finished", replayed: 2, skipped: 1 });
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned, { nowMs: T0 + 10 });
      const sent = deliveries.map(({ event }) => [
        event.id,
        event.version,
        Buffer.from(event.body).toString(),
      ]);
      expect(sent.toSorted()).toEqual([
        ["e1", "1.0.0", '{"id":"e1"}'],
        ["e2", "1.9.0", "{}"],
      ]);
    });

    it("tells of its end, once", async () => {
      const endpoint = await bundle.addEndpoint();
      await send(["e1"], DEAD);
      const id = await add(endpoint);
      await run(id, { announce: announcement });
      await run(id, { announce: announcement });
      const submitted = await bundle.store.listSubmitted(9);
      expect(submitted).toMatchObject([
        { event: `evt_${id}`, type: "replay.finished", subscriber: endpoint.subscriber },
      ]);
      expect(JSON.parse(submitted[0]!.data)).toEqual({ state: "finished", replayed: 1 });
    });
  });

  describe("changeReplay", () => {
    it("pauses, resumes and cancels what is not over", async () => {
      const endpoint = await bundle.addEndpoint();
      await send(names(3), DEAD);
      const id = await add(endpoint);
      const change = (to: "paused" | "running" | "cancelled") =>
        bundle.store.changeReplay({ id, to, nowMs: T0 + 20, announce: announcement });
      await advance(id, { limit: 1 });
      expect(await change("paused")).toMatchObject({ state: "paused", replayed: 1 });
      expect(await change("paused")).toMatchObject({ state: "paused" });
      expect(await advance(id)).toEqual({ endpoints: [] });
      expect(await change("running")).toMatchObject({ state: "running" });
      await advance(id, { limit: 1 });
      expect(await scheduled(endpoint)).toEqual(names(2));
      expect(await change("cancelled")).toMatchObject({
        state: "cancelled",
        replayed: 2,
        finishedAtMs: T0 + 20,
      });
      for (const to of ["paused", "running", "cancelled"] as const) expect(await change(to)).toBeUndefined();
      expect(await advance(id)).toEqual({ endpoints: [] });
      expect(await scheduled(endpoint)).toEqual(names(2));
      expect((await bundle.store.listSubmitted(9)).map(({ data }) => JSON.parse(data))).toEqual([
        { state: "cancelled", replayed: 2 },
      ]);
    });

    it("knows none that was not added", async () => {
      for (const id of ["rpl_none", "", "\0"]) {
        expect(await get(id)).toBeUndefined();
        expect(await bundle.store.changeReplay({ id, to: "paused", nowMs: T0 })).toBeUndefined();
      }
      expect(await advance("rpl_none")).toEqual({ endpoints: [] });
    });
  });

  describe("addReplay", () => {
    it("adds once under a key, and lists newest first by subscriber and state", async () => {
      const [one, two] = [await bundle.addEndpoint(), await bundle.addEndpoint()];
      const replay = replayOf(one, { fromMs: T0 }, { perSecond: 2.5, selected: 7, isCounted: false });
      const key = { key: "k", digest: "d", nowMs: T0 };
      expect(await bundle.store.addReplay(replay, key)).toEqual({ ok: true, added: replay });
      expect(await bundle.store.addReplay({ ...replay, id: "rpl_other" }, key)).toEqual({
        ok: true,
        added: replay,
      });
      expect(await bundle.store.addReplay(replay, { ...key, digest: "x" })).toEqual({
        ok: false,
        code: "idempotency_conflict",
      });
      expect(await get(replay.id)).toEqual(replay);
      const second = await add(two);
      await run(second);
      const ids = async (filter: object) =>
        (await bundle.store.listReplays({ limit: 9, ...filter })).map(({ id }) => id);
      expect(await ids({})).toEqual([second, replay.id]);
      expect(await ids({ subscriber: one.subscriber })).toEqual([replay.id]);
      expect(await ids({ state: "running" })).toEqual([replay.id]);
      expect(await ids({ state: "finished" })).toEqual([second]);
      expect(await ids({ state: "finished", subscriber: one.subscriber })).toEqual([]);
      expect(await ids({ after: second })).toEqual([replay.id]);
    });
  });

  describe("purge", () => {
    it("removes replays that were over before then, and no others", async () => {
      const endpoint = await bundle.addEndpoint();
      const [early, late, running] = [await add(endpoint), await add(endpoint), await add(endpoint)];
      await run(early);
      await run(late, { nowMs: T0 + 500 });
      await bundle.store.purge({ beforeMs: T0 + 500, nowMs: T0 + 500, limit: 10 });
      const left = await bundle.store.listReplays({ limit: 9 });
      expect(left.map(({ id }) => id)).toEqual([running, late]);
    });
  });

  describe("countReplay", () => {
    it("counts in steps of any size what a replay would send", async () => {
      const endpoints = [
        await bundle.addEndpoint({ subscriber: "sub_a" }),
        await bundle.addEndpoint({ subscriber: "sub_a" }),
      ];
      await send(names(7), DEAD);
      await bundle.addEndpoint({ subscriber: "sub_a" });
      const { endpoint: _, ...filter } = replayOf(endpoints[0]!).filter;
      for (const limit of [1, 3, 7, 14, 100]) {
        let total = 0;
        let result = await bundle.store.countReplay({ filter, limit });
        for (
          ;
          result.after !== undefined;
          result = await bundle.store.countReplay({ filter, limit, after: result.after })
        )
          total += result.count;
        expect(total + result.count).toBe(14);
      }
      const unknown = { ...filter, subscriber: "sub_none" };
      expect(await bundle.store.countReplay({ filter: unknown, limit: 9 })).toEqual({ count: 0 });
    });
  });
}
