import { until } from "@hooks/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeliveryResult, Destination, OutgoingEntry } from "./destination.ts";
import { type Inbox, InboxUnavailable, type IncomingEvent } from "./inbox.ts";
import { claim } from "./inbox/conformance/given.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createRelay, type Relay, type RelayOptions, type RelayReport } from "./relay.ts";

const away = async (): Promise<never> => Promise.reject(new InboxUnavailable("away"));
const isAway = (source: string) => source === "away";

describe("createRelay", () => {
  let inbox: Inbox;
  let clock: () => number;
  let relays: Relay[];
  let reports: RelayReport[];
  beforeEach(() => {
    clock = Date.now;
    inbox = createSqliteInbox({ path: ":memory:", clock: () => clock() });
    relays = [];
    reports = [];
  });
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.stop({ timeoutMs: 1_000 })));
    await inbox.close();
  });

  const start = (options: Pick<RelayOptions, "routes"> & Partial<RelayOptions>) => {
    const relay = createRelay({
      inbox,
      pollMs: 10,
      random: () => 0.5,
      report: (report) => void reports.push(report),
      ...options,
    });
    relays.push(relay);
    relay.start();
    return relay;
  };
  const accept = (eventId: string, given: Partial<IncomingEvent> = {}) =>
    inbox.accept({
      source: "billing",
      eventId,
      eventType: undefined,
      headers: {},
      body: Buffer.from(`{"type":"invoice.paid","n":"${eventId}"}`),
      receivedAtMs: Date.now(),
      ...given,
    });
  const outcomes = (name: string) =>
    attempts().flatMap(({ destination, outcome }) => (destination === name ? [outcome] : []));
  const attempts = () => reports.filter((report) => report.kind === "attempt");

  it("gives an event to each of its destinations and forgets it when all have confirmed", async () => {
    const [one, two] = [recorder("one"), recorder("two")];
    start({ routes: { billing: [one, two] } });
    await accept("a");
    await until(() => attempts().length === 2);
    expect([one.entries.length, two.entries.length]).toEqual([1, 1]);
    expect(one.entries[0]).toMatchObject({ eventId: "a", eventType: "invoice.paid" });
    expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 0 });
  });

  it("leaves the events of a source without destinations in the inbox", async () => {
    const orders = recorder("orders");
    start({ routes: { billing: [orders], parked: [] } });
    await accept("a", { source: "parked" });
    await accept("b");
    await until(() => orders.entries.length === 1);
    expect((await inbox.depth("parked")).waiting).toBe(1);
  });

  it("claims no more than it has room for, whatever it is told while it looks for a source's lanes", async () => {
    const finding = Promise.withResolvers<void>();
    const looks: number[] = [];
    const limits: number[] = [];
    const told: Inbox = {
      ...inbox,
      owed: (source) => finding.promise.then(() => inbox.owed(source)),
      due: async () => {
        if (looks.push(0) > 5) finding.resolve();
        return [{ source: "billing" }];
      },
      claim: (request) => {
        limits.push(request.limit);
        return inbox.claim(request);
      },
    };
    for (let index = 0; index < 20; index += 1) await accept(`e${index}`);
    const held = Promise.withResolvers<DeliveryResult>();
    const orders = recorder("orders", () => held.promise);
    start({ inbox: told, routes: { billing: [orders] }, concurrency: 4 });
    await until(() => orders.entries.length >= 4);
    const before = looks.length;
    await until(() => looks.length > before + 5);
    expect([orders.entries.length, Math.min(...limits)]).toEqual([4, 4]);
    held.resolve({ kind: "confirmed" });
    await until(() => orders.entries.length === 20);
  });

  it("tries only those again that have not confirmed", async () => {
    const steady = recorder("steady");
    const shaky = recorder("shaky", (entry) =>
      entry.attempt < 3 ? { kind: "retry", reason: "no" } : { kind: "confirmed" },
    );
    start({ routes: { billing: [steady, shaky] }, schedule: [0, 5, 5, 5] });
    await accept("a");
    await until(() => outcomes("shaky").length === 3);
    expect([steady.entries.length, shaky.entries.length]).toEqual([1, 3]);
    expect(outcomes("steady")).toEqual(["done"]);
    expect(outcomes("shaky")).toEqual(["retry", "retry", "done"]);
  });

  it("keeps to the schedule of each destination", async () => {
    const [one, two] = [recorder("one", refusing), recorder("two", refusing)];
    start({ routes: { billing: [one, two] }, schedule: [0, 5, 5], schedules: { two: [0] } });
    await accept("a");
    await until(async () => (await inbox.depth("billing")).dead === 2);
    expect([outcomes("one"), outcomes("two")]).toEqual([["retry", "retry", "dead"], ["dead"]]);
  });

  it("keeps what used up its schedule, and what was rejected, as dead letters", async () => {
    const broken = recorder("orders", ({ eventId }) => ({
      kind: eventId === "a" ? "retry" : "rejected",
      reason: "no",
    }));
    start({ routes: { billing: [broken] }, schedule: [0, 5] });
    await Promise.all([accept("a"), accept("b")]);
    await until(async () => (await inbox.depth("billing")).dead === 2);
    const letters = await inbox.deadLetters({ source: "billing", limit: 10 });
    expect(letters.map(({ eventId, reason, attempts }) => [eventId, reason, attempts]).toSorted()).toEqual([
      ["a", "attempts used up: no", 2],
      ["b", "no", 1],
    ]);
  });

  it("does not let a hanging destination of one source hold up another source", async () => {
    const hanging = recorder("hanging", () => new Promise(() => {}));
    const healthy = recorder("healthy");
    start({ routes: { slow: [hanging], billing: [healthy] }, concurrency: 2 });
    for (let index = 0; index < 5; index++) await accept(`s${index}`, { source: "slow" });
    for (let index = 0; index < 5; index++) await accept(`e${index}`);
    await until(() => healthy.entries.length === 5);
    expect(hanging.entries).toHaveLength(2);
  });

  it("takes over what a process held that died, when the lease ends", async () => {
    await accept("a");
    await claim(inbox, { leaseMs: 60 });
    const orders = recorder("orders");
    start({ routes: { billing: [orders] } });
    await until(() => orders.entries.length === 1);
    expect(orders.entries[0]).toMatchObject({ attempt: 2 });
  });

  it("keeps its lease while a destination takes longer", async () => {
    const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
    const slow = recorder("slow", () => promise);
    const renewals: (readonly boolean[])[] = [];
    const renewing: Inbox = {
      ...inbox,
      renew: async (request) => {
        const held = await inbox.renew(request);
        renewals.push(held);
        return held;
      },
    };
    // The clock is the test's, so that a busy machine cannot end a lease: each renewal finds it half over.
    let nowMs = Date.now();
    clock = () => nowMs;
    start({ inbox: renewing, routes: { billing: [slow] }, leaseMs: 10_000, heartbeatMs: 5 });
    await accept("a", { receivedAtMs: nowMs });
    await until(() => slow.entries.length === 1);
    for (let time = 1; time <= 4; time++) {
      nowMs += 5_000;
      const before = renewals.length;
      // The first of these may have been sent before the clock moved.
      await until(() => renewals.length >= before + 2);
    }
    expect(renewals.flat()).not.toContain(false);
    expect(await claim(inbox, { destination: "slow", routes: ["slow"] })).toEqual([]);
    resolve({ kind: "confirmed" });
    await until(() => attempts().length === 1);
    expect(attempts()[0]).toMatchObject({ outcome: "done", attempt: 1 });
  });

  it("does not deliver again what it has under way when its lease runs out", async () => {
    const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
    const slow = recorder("slow", ({ eventId }) => (eventId === "a" ? promise : { kind: "confirmed" }));
    let nowMs = Date.now();
    clock = () => nowMs;
    let claimed = 0;
    const counting: Inbox = {
      ...inbox,
      claim: async (request) => {
        const entries = await inbox.claim(request);
        claimed += entries.length;
        return entries;
      },
    };
    start({ inbox: counting, routes: { billing: [slow] }, heartbeatMs: 3_600_000 });
    await accept("a", { receivedAtMs: nowMs });
    await until(() => slow.entries.length === 1);
    // Somebody sets the clock.
    nowMs += 3_600_000;
    await until(() => claimed === 2);
    await accept("b", { receivedAtMs: nowMs });
    await until(() => outcomes("slow").length === 1);
    resolve({ kind: "confirmed" });
    await until(() => outcomes("slow").length === 2);
    expect(slow.entries.map(({ eventId }) => eventId)).toEqual(["a", "b"]);
    expect(outcomes("slow")).toEqual(["done", "done"]);
    expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 0 });
  });

  it("does not let a hanging destination hold up another one of the same source", async () => {
    const hanging = recorder("hanging", () => new Promise(() => {}));
    const healthy = recorder("healthy");
    start({ routes: { billing: [hanging, healthy] }, concurrency: 2 });
    for (let index = 0; index < 10; index++) await accept(`e${index}`);
    await until(() => healthy.entries.length === 10);
    expect(hanging.entries).toHaveLength(2);
    expect((await inbox.depth("billing")).waiting).toBe(10);
  });

  it("gives a subject's events one after another, and lets none that waits hold up another", async () => {
    const othersAreThrough = Promise.withResolvers<DeliveryResult>();
    const orders = recorder("orders", ({ eventId }) => {
      if (eventId === "b9") othersAreThrough.resolve({ kind: "retry", reason: "no" });
      return eventId === "a0" && !ids().includes("b9") ? othersAreThrough.promise : { kind: "confirmed" };
    });
    const ids = () => orders.entries.map(({ eventId }) => eventId);
    for (let index = 0; index < 10; index++) {
      for (const subject of ["a", "b"]) await accept(`${subject}${index}`, { subject });
    }
    // Only what is due because another has ended is claimed before the next poll.
    start({ routes: { billing: [orders] }, schedule: [0, 0], pollMs: 60_000 });
    await until(() => attempts().length === 21);
    for (const subject of ["a", "b"]) {
      const mine = ids().filter((id) => id.startsWith(subject));
      expect([...new Set(mine)]).toEqual(Array.from({ length: 10 }, (_, index) => `${subject}${index}`));
    }
    expect(ids().indexOf("b9")).toBeLessThan(ids().indexOf("a1"));
  });

  it("buries what is owed to a destination that is no longer configured", async () => {
    await accept("a", { destinations: ["removed", "orders"] });
    await claim(inbox, { destination: "removed", routes: ["removed", "orders"], leaseMs: 0 });
    const orders = recorder("orders");
    start({ routes: { billing: [orders] } });
    await until(async () => (await inbox.depth("billing")).waiting === 0);
    expect(orders.entries).toHaveLength(1);
    const letters = await inbox.deadLetters({ source: "billing", limit: 10 });
    expect(letters).toMatchObject([{ eventId: "a", destination: "removed", reason: "destination_removed" }]);
  });

  it("leaves what comes later for such a destination to a relay that has it again", async () => {
    const orders = recorder("orders");
    const sinceMs = Date.now();
    const given = { destinations: ["back", "orders"] };
    await accept("a", { ...given, receivedAtMs: sinceMs });
    start({ routes: { billing: [orders] }, sinceMs });
    await until(() => outcomes("back").length === 1 && outcomes("orders").length === 1);
    await accept("b", { ...given, receivedAtMs: sinceMs + 1 });
    await until(() => outcomes("orders").length === 2);
    const back = recorder("back");
    start({ routes: { billing: [orders, back] } });
    await until(async () => (await inbox.depth("billing")).waiting === 0);
    expect(outcomes("back")).toEqual(["dead", "done"]);
    expect(back.entries).toMatchObject([{ eventId: "b" }]);
  });

  it("survives an inbox that is away, says so once, and delivers when it is back", async () => {
    let away = true;
    const flaky: Inbox = {
      ...inbox,
      claim: (request) => (away ? Promise.reject(new InboxUnavailable("away")) : inbox.claim(request)),
    };
    const orders = recorder("orders");
    start({ inbox: flaky, routes: { billing: [orders] }, pollMs: 5 });
    await accept("a");
    await until(() => reports.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 40));
    away = false;
    await until(() => orders.entries.length === 1);
    expect(reports.map(({ kind }) => kind).slice(0, 2)).toEqual(["inbox_unavailable", "inbox_available"]);
  });

  describe("with very many sources", () => {
    const many = Array.from({ length: 500 }, (_, index) => `s${index}`);
    const routesTo = (destination: Destination) =>
      Object.fromEntries(many.map((source) => [source, [destination]]));
    let claimed: string[];
    let most: number;
    const counting = (): Inbox => {
      let underWay = 0;
      [claimed, most] = [[], 0];
      return {
        ...inbox,
        claim: async (request) => {
          claimed.push(request.source);
          most = Math.max(most, (underWay += 1));
          // As long as a server is away.
          await new Promise((resolve) => setImmediate(resolve));
          return inbox.claim(request).finally(() => (underWay -= 1));
        },
      };
    };

    it("claims once from each, and from then on only where something is", async () => {
      const orders = recorder("orders");
      start({ inbox: counting(), routes: routesTo(orders) });
      await until(() => new Set(claimed).size === many.length);
      for (let n = 0; n < 50; n += 1) {
        await accept(`e${n}`, { source: "s7", destinations: ["orders"] });
        await until(() => orders.entries.length === n + 1);
      }
      const idle = claimed.filter((source) => source !== "s7");
      expect(idle).toHaveLength(many.length - 1);
    });

    it("claims from some at a time, and first from what is known to have something", async () => {
      await accept("a", { source: "s499", destinations: ["orders"] });
      const orders = recorder("orders");
      start({ inbox: counting(), routes: routesTo(orders) });
      await until(() => new Set(claimed).size === many.length);
      expect(claimed.indexOf("s499")).toBeLessThan(100);
      expect(most).toBeLessThan(100);
      expect(orders.entries).toHaveLength(1);
    });
  });

  it("records a result once the inbox is back instead of delivering again", async () => {
    let failures = 2;
    const flaky: Inbox = {
      ...inbox,
      settle: (settlements) =>
        failures-- > 0 ? Promise.reject(new InboxUnavailable("away")) : inbox.settle(settlements),
    };
    const orders = recorder("orders");
    start({ inbox: flaky, routes: { billing: [orders] } });
    await accept("a");
    await until(() => attempts().length === 1);
    expect(orders.entries).toHaveLength(1);
    expect(attempts()[0]).toMatchObject({ outcome: "done" });
  });

  it("counts the wait for the next attempt from the end of the one before", async () => {
    const delays: number[] = [];
    const flaky: Inbox = {
      ...inbox,
      settle: (settlements) => {
        for (const settlement of settlements)
          if (settlement.kind === "retry") delays.push(settlement.delayMs);
        return delays.length < 3 ? Promise.reject(new InboxUnavailable("away")) : inbox.settle(settlements);
      },
    };
    const orders = recorder("orders", () => ({ kind: "retry", reason: "no" }));
    start({ inbox: flaky, routes: { billing: [orders] }, schedule: [0, 60_000] });
    await accept("a");
    await until(() => attempts().length === 1);
    expect(delays).toEqual([...new Set(delays)].toSorted((one, other) => other - one));
    expect(delays).toHaveLength(3);
  });

  it("finishes what is in flight when stopped, and claims no more", async () => {
    const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
    const slow = recorder("slow", () => promise);
    const relay = start({ routes: { billing: [slow] } });
    await accept("a");
    await until(() => slow.entries.length === 1);
    const stopped = relay.stop();
    await accept("b");
    resolve({ kind: "confirmed" });
    await stopped;
    expect(slow.entries.map(({ eventId }) => eventId)).toEqual(["a"]);
    expect((await inbox.depth("billing")).waiting).toBe(1);
  });

  it("uses a slot that is freed while another source is being claimed, without waiting for the next poll", async () => {
    const claiming = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const gated: Inbox = {
      ...inbox,
      claim: async (request) => {
        // Only the full source is missing from this round; the claim of the other one is still on its way.
        if (request.source === "other" && slow.entries.length === 1) {
          asked.resolve();
          await claiming.promise;
        }
        return inbox.claim(request);
      },
    };
    const first = Promise.withResolvers<DeliveryResult>();
    const slow = recorder("slow", ({ eventId }) => (eventId === "a" ? first.promise : { kind: "confirmed" }));
    await accept("a", { source: "slow" });
    await accept("b", { source: "slow" });
    // Takes the news of these events, so that the relay's own wait is not over at once.
    await inbox.wait({ timeoutMs: 0 });
    start({
      inbox: gated,
      routes: { slow: [slow], other: [recorder("other")] },
      concurrency: 1,
      pollMs: 60_000,
    });
    await until(() => slow.entries.length === 1);
    await accept("c", { source: "other" });
    await asked.promise;
    first.resolve({ kind: "confirmed" });
    await until(() => attempts().length === 1);
    claiming.resolve();
    await until(() => slow.entries.length === 2);
  });

  describe("with an inbox whose sources may be away one by one", () => {
    const never = new Promise<never>(() => {});

    it.each([
      ["hangs", () => never],
      ["fails", away],
    ])("goes on with the others while one %s", async (_, answer) => {
      const orders = recorder("orders");
      let isBack = false;
      const partly: RelayOptions["inbox"] = {
        ...inbox,
        failsBySource: true,
        claim: (request) => (isAway(request.source) && !isBack ? answer() : inbox.claim(request)),
        owed: (source) => (isAway(source) && !isBack ? answer() : inbox.owed(source)),
      };
      const relay = start({ inbox: partly, routes: { away: [orders], billing: [orders] } });
      for (let n = 0; n < 5; n += 1) {
        await accept(`e${n}`);
        await until(() => outcomes("orders").length === n + 1);
      }
      if (answer === away) {
        await accept("later", { source: "away" });
        isBack = true;
        await until(() => outcomes("orders").length === 6);
        const kinds = reports.map(({ kind }) => kind).filter((kind) => kind !== "attempt");
        expect(kinds).toEqual(["inbox_unavailable", "inbox_available"]);
      }
      await relay.stop({ timeoutMs: 100 });
    });

    it("records what was delivered for the others while one hangs", async () => {
      const orders = recorder("orders");
      let isHanging = true;
      const partly: RelayOptions["inbox"] = {
        ...inbox,
        failsBySource: true,
        settle: (batch) =>
          isHanging && batch.some(({ claim: { source } }) => isAway(source)) ? never : inbox.settle(batch),
      };
      for (const source of ["away", "billing"]) await accept("a", { source });
      start({ inbox: partly, routes: { away: [orders], billing: [orders] } });
      await until(() => attempts().some(({ source }) => source === "billing"));
      isHanging = false;
      expect((await inbox.depth("billing")).waiting).toBe(0);
    });
  });

  it("does not deliver what interrupted every attempt of its schedule, and keeps it as a dead letter", async () => {
    await accept("a");
    for (let time = 0; time < 2; time++) {
      await claim(inbox, { leaseMs: 0 });
    }
    const orders = recorder("orders");
    start({ routes: { billing: [orders] }, schedule: [0, 5] });
    await until(() => attempts().length === 1);
    expect(attempts()[0]).toMatchObject({ attempt: 3, outcome: "dead", reason: "interrupted_repeatedly" });
    expect(orders.entries).toEqual([]);
    const [letter] = await inbox.deadLetters({ source: "billing", limit: 1 });
    expect(letter).toMatchObject({ eventId: "a", reason: "interrupted_repeatedly" });
  });

  it("goes on after a report that throws", async () => {
    const orders = recorder("orders");
    start({ routes: { billing: [orders] }, concurrency: 1, report: failingReport });
    await accept("a");
    await accept("b");
    await until(() => orders.entries.length === 2);
    await until(async () => (await inbox.depth("billing")).waiting === 0);
  });

  it("stops within its time although a claim does not end", async () => {
    const stuck: Inbox = { ...inbox, claim: () => new Promise(() => {}) };
    const relay = start({ inbox: stuck, routes: { billing: [recorder("orders")] } });
    await relay.stop({ timeoutMs: 10 });
  });

  it("takes a destination that throws for one that asks for another attempt", async () => {
    // The last one cannot even be made a text.
    const thrown = [new Error("broken promise"), null, Object.create(null) as unknown];
    const bad = recorder("bad", () => {
      throw thrown.shift();
    });
    start({ routes: { billing: [bad] } });
    for (const eventId of ["a", "b", "c"]) await accept(eventId);
    await until(() => attempts().length === 3);
    expect(outcomes("bad")).toEqual(["retry", "retry", "retry"]);
  });

  it("takes no schedule from what every object has", async () => {
    start({ routes: { billing: [recorder("constructor", refusing)] } });
    await accept("a");
    await until(() => attempts().length === 1);
    expect(outcomes("constructor")).toEqual(["retry"]);
  });
});

const refusing: Deliver = () => ({ kind: "retry", reason: "no" });

type Deliver = (entry: OutgoingEntry) => DeliveryResult | Promise<DeliveryResult>;

function recorder(
  name: string,
  decide: Deliver = () => ({ kind: "confirmed" }),
): Destination & { readonly entries: OutgoingEntry[] } {
  const entries: OutgoingEntry[] = [];
  return {
    name,
    entries,
    close: async () => {},
    deliver: async (entry) => {
      entries.push(entry);
      return decide(entry);
    },
  };
}

function failingReport(): never {
  throw new Error("no log");
}
