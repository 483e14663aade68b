import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AttemptOutcome, Endpoint, NextStep } from "../core/model.ts";
import { SHARD_COUNT, shardOf } from "../core/sharding.ts";
import type { Batch, NewEvent, OwnedShard, Settlement, Store, TakenDelivery } from "../store.ts";

/** Opens a store with nothing in it; the suite closes it. */
export type OpenStore = () => Promise<Store>;

const T0 = 1_800_000_000_000;
const LEASE_MS = 10_000;

/**
 * What every store must do, with time as an argument and without sleeping. A store's test file is one call.
 * Uses vitest, an optional peer of the package.
 */
export function describeStore(name: string, open: OpenStore): void {
  let store: Store;
  const beforeAndAfter = () => {
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());
  };

  let count = 0;
  const eventOf = (change: Partial<NewEvent> = {}): NewEvent => {
    count += 1;
    const id = change.id ?? `evt_${count}`;
    return {
      id,
      type: "invoice.paid",
      version: "1.0.0",
      source: "billing",
      digest: `digest of ${id}`,
      envelope: { before: `{"id":"${id}"`, after: "}" },
      ...change,
    };
  };

  const addEndpoint = async (change: Partial<Endpoint> = {}): Promise<Endpoint> => {
    count += 1;
    const number = count;
    const subscriber = change.subscriber ?? `sub_${number}`;
    if ((await store.getSubscriber(subscriber)) === undefined) {
      await store.addSubscriber({ id: subscriber, name: subscriber, createdAtMs: T0 });
    }
    const endpoint: Endpoint = {
      id: `ep_${number}`,
      subscriber,
      url: "https://example.com/hooks",
      description: "",
      eventTypes: [],
      headers: {},
      secrets: [{ value: "whsec_x", createdAtMs: T0 }],
      state: "active",
      revision: 1,
      createdAtMs: T0,
      updatedAtMs: T0,
      ...change,
    };
    await store.addEndpoint(endpoint);
    return endpoint;
  };

  const lease = (id: string, nowMs = T0) =>
    // A host of its own, so that no store takes the worker for a dead process of this machine.
    store.lease({ worker: { id, host: "elsewhere", pid: 1 }, nowMs, leaseMs: LEASE_MS, maxInterruptions: 3 });

  const take = async (
    worker: string,
    owned: readonly OwnedShard[],
    options: TakeOptions = {},
  ): Promise<Batch> => {
    const { nowMs = T0, room = 10, inFlight = new Set<string>() } = options;
    const endpoints = options.endpoints ?? (await store.due({ shards: owned, nowMs })).endpoints;
    const from = endpoints.flatMap((endpoint) =>
      owned
        .filter(({ shard }) => shard === shardOf(endpoint))
        .map((shard) => ({ ...shard, endpoint, room, inFlight })),
    );
    return store.take({ worker, nowMs, from });
  };

  const settle = (deliveries: readonly TakenDelivery[], next: NextStep, options: SettleOptions = {}) => {
    const { nowMs = T0, batch, outcome = next.state === "delivered" ? "delivered" : "http_status" } = options;
    const settlements = deliveries.map((delivery): Settlement => ({
      delivery,
      attempt: {
        delivery: delivery.id,
        number: delivery.attempts + 1,
        startedAtMs: nowMs,
        durationMs: 5,
        outcome,
        status: 200,
      },
      next,
      ...(options.disableEndpoint === undefined ? {} : { disableEndpoint: options.disableEndpoint }),
    }));
    return store.settle({ settlements, finishedBatches: batch === undefined ? [] : [batch], nowMs });
  };

  const scheduledOne = async () => {
    await addEndpoint();
    await store.publish([eventOf()], T0);
    const [delivery] = await store.listDeliveries({ limit: 1 });
    return delivery!;
  };

  describe(`${name}: publish`, () => {
    beforeAndAfter();

    it("makes one delivery for every endpoint that takes the type, and no other", async () => {
      const all = await addEndpoint();
      const exact = await addEndpoint({ eventTypes: ["invoice.paid", "invoice.*"] });
      const resource = await addEndpoint({ eventTypes: ["invoice.*"] });
      await addEndpoint({ eventTypes: ["order.created"] });
      const [result] = await store.publish([eventOf()], T0);
      expect(result).toMatchObject({ kind: "published", deliveries: 3, duplicate: false });
      const made = await store.listDeliveries({ limit: 10 });
      expect(made.map(({ endpoint }) => endpoint).toSorted()).toEqual(
        [all.id, exact.id, resource.id].toSorted(),
      );
      expect(new Set(made.map(({ id }) => id)).size).toBe(3);
    });

    it("keeps an event for one subscriber from all others", async () => {
      const mine = await addEndpoint({ subscriber: "sub_mine" });
      await addEndpoint({ subscriber: "sub_other" });
      await store.publish([eventOf({ subscriber: "sub_mine" })], T0);
      const made = await store.listDeliveries({ limit: 10 });
      expect(made.map(({ endpoint, subscriber }) => [endpoint, subscriber])).toEqual([[mine.id, "sub_mine"]]);
    });

    it("refuses an event for a subscriber that does not exist, which would reach nobody", async () => {
      expect(await store.publish([eventOf({ subscriber: "sub_none" })], T0)).toMatchObject([
        { kind: "subscriber_not_found" },
      ]);
      expect(await store.listEvents({ limit: 10 })).toEqual([]);
    });

    it("sends an event that names an endpoint to it alone", async () => {
      const named = await addEndpoint({ eventTypes: ["order.created"] });
      await addEndpoint();
      await store.publish([eventOf({ endpoint: named.id })], T0);
      const made = await store.listDeliveries({ limit: 10 });
      expect(made.map(({ endpoint }) => endpoint)).toEqual([named.id]);
    });

    it("answers a repeated id with what was published, and refuses it with other content", async () => {
      await addEndpoint();
      const event = eventOf();
      await store.publish([event], T0);
      await addEndpoint();
      const [again] = await store.publish([event], T0 + 1);
      expect(again).toEqual({
        kind: "published",
        id: event.id,
        deliveries: 1,
        duplicate: true,
        endpoints: [],
      });
      const [other] = await store.publish([{ ...event, digest: "another" }], T0 + 2);
      expect(other).toEqual({ kind: "event_id_conflict", id: event.id });
      expect(await store.listDeliveries({ limit: 10 })).toHaveLength(1);
    });

    it("keeps nothing of a call with a conflict in it", async () => {
      await addEndpoint();
      const event = eventOf();
      await store.publish([event], T0);
      const results = await store.publish([eventOf({ id: "evt_new" }), { ...event, digest: "another" }], T0);
      expect(results.map(({ kind }) => kind)).toContain("event_id_conflict");
      expect(await store.getEvent("evt_new")).toBeUndefined();
    });

    it("knows an event by its idempotency key for a day", async () => {
      await addEndpoint();
      const first = eventOf({ idempotency: { key: "k", digest: "same" }, digest: "same" });
      const second = eventOf({ idempotency: { key: "k", digest: "same" }, digest: "same" });
      await store.publish([first], T0);
      expect(await store.publish([second], T0 + 1)).toMatchObject([{ id: first.id, duplicate: true }]);
      expect(
        await store.publish(
          [eventOf({ idempotency: { key: "k", digest: "other" }, digest: "other" })],
          T0 + 2,
        ),
      ).toMatchObject([{ kind: "idempotency_conflict" }]);
      const later = T0 + 25 * 60 * 60 * 1_000;
      expect(await store.publish([second], later)).toMatchObject([{ id: second.id, duplicate: false }]);
    });

    it("keeps an id that is published many times at once only once", async () => {
      await addEndpoint();
      const event = eventOf();
      const results = await Promise.all(Array.from({ length: 50 }, () => store.publish([event], T0)));
      expect(
        results.flat().filter((result) => result.kind === "published" && !result.duplicate),
      ).toHaveLength(1);
      expect(await store.listDeliveries({ limit: 100 })).toHaveLength(1);
    });

    it("numbers the events of a subject without gaps, and those without a subject not at all", async () => {
      const subjects = ["a", "b", "a", undefined, "a"];
      const events = subjects.map((subject) => eventOf(subject === undefined ? {} : { subject }));
      await store.publish(events, T0);
      const kept = await Promise.all(events.map(({ id }) => store.getEvent(id)));
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
      const event = eventOf({ subject: "a" });
      await store.publish([event], T0);
      await store.publish([eventOf({ subject: "a" }), { ...event, digest: "another" }], T0);
      const next = eventOf({ subject: "a" });
      await store.publish([next], T0);
      expect((await store.getEvent(next.id))?.sequence).toBe(2);
    });
  });

  describe(`${name}: lease`, () => {
    beforeAndAfter();

    it("gives a lone worker every shard", async () => {
      const { owned, excess } = await lease("w1");
      expect(owned.map(({ shard }) => shard)).toEqual(
        Array.from({ length: SHARD_COUNT }, (_, shard) => shard),
      );
      expect(excess).toEqual([]);
    });

    it("asks for half when a second worker comes, and gives it what was handed over", async () => {
      await lease("w1");
      expect((await lease("w2")).owned).toEqual([]);
      const { excess } = await lease("w1");
      expect(excess).toHaveLength(SHARD_COUNT / 2);
      await store.release("w1", excess);
      const [first, second] = [await lease("w1"), await lease("w2")];
      expect(second.owned.map(({ shard }) => shard).toSorted()).toEqual([...excess].toSorted());
      expect(first.owned).toHaveLength(SHARD_COUNT / 2);
      expect(first.excess).toEqual([]);
    });

    it("gives the shards of a worker whose lease has run out to another, under a higher epoch", async () => {
      const before = await lease("w1");
      expect((await lease("w2", T0 + LEASE_MS - 1)).owned).toEqual([]);
      const after = await lease("w2", T0 + LEASE_MS);
      expect(after.owned).toHaveLength(SHARD_COUNT);
      for (const [index, { epoch }] of after.owned.entries())
        expect(epoch).toBeGreaterThan(before.owned[index]!.epoch);
    });

    it("keeps the epoch of a worker that renews", async () => {
      const first = await lease("w1");
      expect((await lease("w1", T0 + LEASE_MS * 3)).owned).toEqual(first.owned);
    });

    it("gives everything back at once", async () => {
      await lease("w1");
      await store.release("w1");
      expect((await lease("w2", T0 + 1)).owned).toHaveLength(SHARD_COUNT);
    });
  });

  describe(`${name}: due and take`, () => {
    beforeAndAfter();

    it("takes what is due with all that is needed to send it", async () => {
      const endpoint = await addEndpoint({ headers: { "x-a": "1" } });
      const event = eventOf();
      await store.publish([event], T0);
      const { owned } = await lease("w1");
      const { deliveries, endpoints, more } = await take("w1", owned);
      expect(deliveries).toHaveLength(1);
      expect(endpoints).toEqual([endpoint]);
      expect(deliveries[0]).toMatchObject({
        endpoint: endpoint.id,
        event: { id: event.id, type: "invoice.paid", version: "1.0.0" },
        attempts: 0,
      });
      expect(Buffer.from(deliveries[0]!.event.body).toString()).toBe(JSON.stringify({ id: event.id }));
      expect(more).toEqual([]);
    });

    it("never takes what is in flight, and never more than there is room for", async () => {
      await addEndpoint();
      await store.publish(
        Array.from({ length: 5 }, () => eventOf()),
        T0,
      );
      const { owned } = await lease("w1");
      const first = await take("w1", owned, { room: 2 });
      expect(first.deliveries).toHaveLength(2);
      expect(first.more).toHaveLength(1);
      const inFlight = new Set(first.deliveries.map(({ id }) => id));
      const second = await take("w1", owned, { room: 3, inFlight });
      expect(second.deliveries).toHaveLength(3);
      expect(second.more).toEqual([]);
      expect(second.deliveries.filter(({ id }) => inFlight.has(id))).toEqual([]);
    });

    it("goes on after a position, passing over what is in flight there", async () => {
      const endpoint = await addEndpoint();
      for (const wait of [0, 1, 2, 3]) await store.publish([eventOf()], T0 + wait);
      const { owned } = await lease("w1");
      const [first, second, third, fourth] = (await take("w1", owned, { nowMs: T0 + 9 })).deliveries;
      const from = { ...owned.find(({ shard }) => shard === first!.shard)!, endpoint: endpoint.id, room: 5 };
      const batch = await store.take({
        worker: "w1",
        nowMs: T0 + 9,
        from: [{ ...from, after: { dueMs: first!.dueMs, id: first!.id }, inFlight: new Set([third!.id]) }],
      });
      expect(batch.deliveries.map(({ id }) => id)).toEqual([second!.id, fourth!.id]);
    });

    it("serves every endpoint, whatever the backlog of one", async () => {
      const loud = await addEndpoint({ eventTypes: ["invoice.paid"] });
      await store.publish(
        Array.from({ length: 100 }, () => eventOf()),
        T0,
      );
      const quiet = await Promise.all(
        Array.from({ length: 20 }, () => addEndpoint({ eventTypes: ["order.created"] })),
      );
      await store.publish([eventOf({ type: "order.created" })], T0);
      const { owned } = await lease("w1");
      const { deliveries } = await take("w1", owned, { room: 1 });
      expect(deliveries.map(({ endpoint }) => endpoint).toSorted()).toEqual(
        [loud, ...quiet].map(({ id }) => id).toSorted(),
      );
    });

    it("takes nothing before it is due and says when that is", async () => {
      await addEndpoint();
      await store.publish([eventOf()], T0 + 5_000);
      const { owned } = await lease("w1");
      expect(await store.due({ shards: owned, nowMs: T0 + 4_999 })).toEqual({
        endpoints: [],
        nextDueMs: T0 + 5_000,
      });
      expect((await take("w1", owned, { nowMs: T0 + 5_000 })).deliveries).toHaveLength(1);
    });

    it("says when the next of an endpoint comes due that it has taken from", async () => {
      const endpoint = await addEndpoint();
      await store.publish([eventOf()], T0);
      await store.publish([eventOf()], T0 + 700);
      const { owned } = await lease("w1");
      const batch = await take("w1", owned, { endpoints: [endpoint.id] });
      expect(batch.deliveries).toHaveLength(1);
      expect(batch.nextDueMs).toBe(T0 + 700);
    });

    it.each(["paused", "disabled"] as const)("holds the deliveries of a %s endpoint", async (state) => {
      const endpoint = await addEndpoint({ state });
      await store.publish([eventOf()], T0);
      const { owned } = await lease("w1");
      expect(await store.due({ shards: owned, nowMs: T0 })).toEqual({ endpoints: [] });
      expect((await take("w1", owned, { endpoints: [endpoint.id] })).deliveries).toEqual([]);
      await store.changeEndpoint({ ...endpoint, state: "active", revision: 2 });
      expect((await take("w1", owned)).deliveries).toHaveLength(1);
    });

    it("gives nothing to a worker that has lost the shard", async () => {
      const endpoint = await addEndpoint();
      await store.publish([eventOf()], T0);
      const lost = await lease("w1");
      const won = await lease("w2", T0 + LEASE_MS);
      const nowMs = T0 + LEASE_MS;
      expect((await take("w1", lost.owned, { endpoints: [endpoint.id], nowMs })).deliveries).toEqual([]);
      expect((await take("w2", won.owned, { endpoints: [endpoint.id], nowMs })).deliveries).toHaveLength(1);
    });
  });

  describe(`${name}: settle`, () => {
    beforeAndAfter();

    it("records a delivered one and its attempt, and it is not due again", async () => {
      await addEndpoint();
      await store.publish([eventOf()], T0);
      const { owned } = await lease("w1");
      const { deliveries, id } = await take("w1", owned);
      expect(await settle(deliveries, { state: "delivered" }, { nowMs: T0 + 9, batch: id })).toEqual([true]);
      expect(await store.getDelivery(deliveries[0]!.id)).toMatchObject({
        state: "delivered",
        attempts: 1,
        finishedAtMs: T0 + 9,
      });
      expect(await store.listAttempts(deliveries[0]!.id)).toMatchObject([
        { number: 1, outcome: "delivered", status: 200 },
      ]);
      expect(await store.due({ shards: owned, nowMs: T0 * 2 })).toEqual({ endpoints: [] });
    });

    it("schedules the next attempt and counts this one", async () => {
      await addEndpoint();
      await store.publish([eventOf()], T0);
      const { owned } = await lease("w1");
      const { deliveries } = await take("w1", owned);
      await settle(deliveries, { state: "scheduled", dueMs: T0 + 5_000 });
      expect((await take("w1", owned, { nowMs: T0 + 4_999 })).deliveries).toEqual([]);
      const again = await take("w1", owned, { nowMs: T0 + 5_000 });
      expect(again.deliveries).toMatchObject([{ id: deliveries[0]!.id, attempts: 1, scheduleStep: 1 }]);
    });

    it("keeps a dead one with its reason", async () => {
      await addEndpoint();
      await store.publish([eventOf()], T0);
      const { owned } = await lease("w1");
      const { deliveries } = await take("w1", owned);
      await settle(deliveries, { state: "dead", reason: "schedule_exhausted" });
      expect(await store.listDeliveries({ limit: 10, state: "dead" })).toMatchObject([
        { id: deliveries[0]!.id, state: "dead", reason: "schedule_exhausted" },
      ]);
    });

    it("refuses what comes under a lost epoch", async () => {
      await addEndpoint();
      await store.publish([eventOf()], T0);
      const first = await lease("w1");
      const { deliveries } = await take("w1", first.owned);
      await lease("w2", T0 + LEASE_MS);
      expect(await settle(deliveries, { state: "delivered" })).toEqual([false]);
      expect(await store.getDelivery(deliveries[0]!.id)).toMatchObject({ state: "scheduled" });
    });

    it("disables the endpoint on request and holds what else is scheduled", async () => {
      const endpoint = await addEndpoint();
      await store.publish([eventOf(), eventOf()], T0);
      const { owned } = await lease("w1");
      const { deliveries } = await take("w1", owned, { room: 1 });
      await settle(
        deliveries,
        { state: "scheduled", dueMs: T0 },
        { disableEndpoint: "gone", outcome: "gone" },
      );
      expect(await store.getEndpoint(endpoint.id)).toMatchObject({
        state: "disabled",
        disabledReason: "gone",
        revision: 2,
      });
      expect((await take("w1", owned, { nowMs: T0 + 1 })).deliveries).toEqual([]);
      expect(await store.listDeliveries({ limit: 10, state: "scheduled" })).toHaveLength(2);
    });

    it("does not revive a delivery that was cancelled while in flight", async () => {
      await addEndpoint();
      await store.publish([eventOf()], T0);
      const { owned } = await lease("w1");
      const { deliveries } = await take("w1", owned);
      const { id } = deliveries[0]!;
      await store.cancelDelivery(id, T0);
      await settle(deliveries, { state: "scheduled", dueMs: T0 });
      expect(await store.getDelivery(id)).toMatchObject({ state: "cancelled", attempts: 1 });
      expect(await store.listAttempts(id)).toHaveLength(1);
    });
  });

  describe(`${name}: crashes`, () => {
    beforeAndAfter();

    it("counts what was in flight as interrupted, once, and makes it due at once", async () => {
      await addEndpoint();
      await store.publish([eventOf(), eventOf()], T0);
      const first = await lease("w1");
      const batch = await take("w1", first.owned);
      await settle(batch.deliveries.slice(0, 1), { state: "scheduled", dueMs: T0 });
      const second = await lease("w2", T0 + LEASE_MS);
      const taken = await take("w2", second.owned, { nowMs: T0 + LEASE_MS });
      const [settled, interrupted] = batch.deliveries;
      expect(taken.deliveries.map(({ id, attempts }) => [id, attempts]).toSorted()).toEqual(
        [
          [settled!.id, 1],
          [interrupted!.id, 1],
        ].toSorted(),
      );
      expect(await store.listAttempts(interrupted!.id)).toMatchObject([
        { number: 1, outcome: "interrupted" },
      ]);
      expect(await store.listAttempts(settled!.id)).toMatchObject([{ number: 1, outcome: "http_status" }]);
    });

    it("parks a delivery that was in flight in three crashes", async () => {
      await addEndpoint();
      await store.publish([eventOf()], T0);
      let nowMs = T0;
      let id = "";
      for (const worker of ["w1", "w2", "w3"]) {
        const { owned } = await lease(worker, nowMs);
        const { deliveries } = await take(worker, owned, { nowMs });
        expect(deliveries).toHaveLength(1);
        id = deliveries[0]!.id;
        nowMs += LEASE_MS;
      }
      await lease("w4", nowMs);
      expect(await store.getDelivery(id)).toMatchObject({
        state: "dead",
        attempts: 3,
        reason: "interrupted_repeatedly",
      });
      expect(await store.listAttempts(id)).toHaveLength(3);
    });

    it("does not count a batch that was finished", async () => {
      await addEndpoint();
      await store.publish([eventOf()], T0);
      const { owned } = await lease("w1");
      const { deliveries, id } = await take("w1", owned);
      await settle(deliveries, { state: "scheduled", dueMs: T0 }, { batch: id });
      const second = await lease("w2", T0 + LEASE_MS);
      expect((await take("w2", second.owned, { nowMs: T0 + LEASE_MS })).deliveries).toMatchObject([
        { attempts: 1 },
      ]);
    });
  });

  describe(`${name}: records`, () => {
    beforeAndAfter();

    it("retries a scheduled delivery now and a dead one with its schedule anew", async () => {
      const { id } = await scheduledOne();
      const { owned } = await lease("w1");
      const first = await take("w1", owned);
      await settle(first.deliveries, { state: "scheduled", dueMs: T0 + 60_000 });
      expect(await store.retryDelivery(id, T0 + 1)).toMatchObject({ state: "scheduled", dueMs: T0 + 1 });
      const second = await take("w1", owned, { nowMs: T0 + 1 });
      await settle(second.deliveries, { state: "dead", reason: "schedule_exhausted" });
      expect(await store.retryDelivery(id, T0 + 2)).toMatchObject({ state: "scheduled", attempts: 2 });
      const third = await take("w1", owned, { nowMs: T0 + 2 });
      expect(third.deliveries).toMatchObject([{ id, attempts: 2, scheduleStep: 0 }]);
    });

    it("does not forget a retry that was asked for while the last attempt was in flight", async () => {
      const { id } = await scheduledOne();
      const { owned } = await lease("w1");
      await settle((await take("w1", owned)).deliveries, { state: "scheduled", dueMs: T0 });
      const { deliveries } = await take("w1", owned);
      await store.retryDelivery(id, T0 + 1);
      await settle(deliveries, { state: "dead", reason: "schedule_exhausted" }, { nowMs: T0 + 2 });
      expect(await store.getDelivery(id)).toMatchObject({ state: "scheduled", attempts: 2, dueMs: T0 + 2 });
      const again = await take("w1", owned, { nowMs: T0 + 2 });
      expect(again.deliveries).toMatchObject([{ id, attempts: 2, scheduleStep: 0 }]);
      expect(await store.listAttempts(id)).toHaveLength(2);
    });

    it("does not retry what was delivered or cancelled, or is unknown", async () => {
      const { id } = await scheduledOne();
      await store.cancelDelivery(id, T0);
      expect(await store.retryDelivery(id, T0)).toBeUndefined();
      expect(await store.cancelDelivery(id, T0)).toBeUndefined();
      expect(await store.retryDelivery("dlv_none", T0)).toBeUndefined();
    });

    it("lists deliveries newest first, page by page, by state, endpoint and event", async () => {
      const endpoint = await addEndpoint();
      const events = Array.from({ length: 7 }, () => eventOf());
      for (const event of events) await store.publish([event], T0);
      const { owned } = await lease("w1");
      const { deliveries } = await take("w1", owned, { room: 3 });
      await settle(deliveries, { state: "delivered" });
      const all = await store.listDeliveries({ limit: 100 });
      expect(all.map(({ event }) => event)).toEqual(events.map(({ id }) => id).toReversed());
      const first = await store.listDeliveries({ limit: 4 });
      const second = await store.listDeliveries({ limit: 4, after: first.at(-1)!.id });
      expect([...first, ...second]).toEqual(all);
      expect(await store.listDeliveries({ limit: 100, state: "delivered" })).toHaveLength(3);
      expect(
        await store.listDeliveries({ limit: 100, state: "scheduled", endpoint: endpoint.id }),
      ).toHaveLength(4);
      expect(await store.listDeliveries({ limit: 100, event: events[2]!.id })).toHaveLength(1);
      expect(await store.listDeliveries({ limit: 100, endpoint: "ep_none" })).toEqual([]);
    });

    it("lists events newest first and by type", async () => {
      const events = [
        eventOf({ id: "evt_a" }),
        eventOf({ id: "evt_b", type: "order.created" }),
        eventOf({ id: "evt_c" }),
      ];
      await store.publish(events, T0);
      expect((await store.listEvents({ limit: 2 })).map(({ id }) => id)).toEqual(["evt_c", "evt_b"]);
      expect((await store.listEvents({ limit: 2, after: "evt_b" })).map(({ id }) => id)).toEqual(["evt_a"]);
      expect((await store.listEvents({ limit: 9, type: "order.created" })).map(({ id }) => id)).toEqual([
        "evt_b",
      ]);
    });
  });

  describe(`${name}: registry`, () => {
    beforeAndAfter();

    it("answers a repeated creation with what the first one made, and refuses another under its key", async () => {
      const key = { key: "k", digest: "d", nowMs: T0 };
      const first = await store.addSubscriber({ id: "sub_1", name: "one", createdAtMs: T0 }, key);
      const again = await store.addSubscriber({ id: "sub_2", name: "one", createdAtMs: T0 }, key);
      expect(again).toEqual(first);
      expect(await store.listSubscribers({ limit: 10 })).toHaveLength(1);
      const other = await store.addSubscriber(
        { id: "sub_3", name: "two", createdAtMs: T0 },
        { ...key, digest: "e" },
      );
      expect(other).toEqual({ ok: false, code: "idempotency_conflict" });
    });

    it("changes an endpoint only from the revision it was read at", async () => {
      const endpoint = await addEndpoint();
      const change = { ...endpoint, url: "https://example.com/new", revision: 2 };
      expect(await store.changeEndpoint(change)).toBe(true);
      expect(await store.changeEndpoint(change)).toBe(false);
      expect(await store.getEndpoint(endpoint.id)).toEqual(change);
    });

    it("takes the event types of a changed endpoint from then on", async () => {
      const endpoint = await addEndpoint({ eventTypes: ["order.created"] });
      await store.publish([eventOf()], T0);
      await store.changeEndpoint({ ...endpoint, eventTypes: ["invoice.*"], revision: 2 });
      await store.publish([eventOf(), eventOf({ type: "order.created" })], T0);
      const made = await store.listDeliveries({ limit: 10 });
      expect(made.map(({ eventType }) => eventType)).toEqual(["invoice.paid"]);
    });

    it("cancels what is scheduled for an endpoint that is removed, and gives it nothing more", async () => {
      const endpoint = await addEndpoint();
      await store.publish([eventOf(), eventOf()], T0);
      expect(await store.removeEndpoint(endpoint.id, T0)).toBe(true);
      expect(await store.removeEndpoint(endpoint.id, T0)).toBe(false);
      const cancelled = await store.listDeliveries({ limit: 10 });
      expect(cancelled.map(({ state, reason }) => [state, reason])).toEqual([
        ["cancelled", "endpoint_removed"],
        ["cancelled", "endpoint_removed"],
      ]);
      expect(await store.publish([eventOf()], T0)).toMatchObject([{ deliveries: 0 }]);
    });

    it("lists endpoints in order, by subscriber and page by page", async () => {
      const mine = [await addEndpoint({ subscriber: "sub_m" }), await addEndpoint({ subscriber: "sub_m" })]
        .map(({ id }) => id)
        .toSorted();
      await addEndpoint();
      expect((await store.listEndpoints({ limit: 10, subscriber: "sub_m" })).map(({ id }) => id)).toEqual(
        mine,
      );
      expect(
        (await store.listEndpoints({ limit: 10, subscriber: "sub_m", after: mine[0]! })).map(({ id }) => id),
      ).toEqual(mine.slice(1));
      expect(await store.listEndpoints({ limit: 10 })).toHaveLength(3);
    });
  });
}

interface TakeOptions {
  readonly nowMs?: number;
  readonly room?: number;
  readonly inFlight?: ReadonlySet<string>;
  readonly endpoints?: readonly string[];
}

interface SettleOptions {
  readonly nowMs?: number;
  readonly batch?: number;
  readonly outcome?: AttemptOutcome;
  readonly disableEndpoint?: string;
}
