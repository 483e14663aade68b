import { describe, expect, it } from "vitest";
import type { ClaimedEntry, Inbox } from "../../inbox.ts";
import { base, claim, dead, done, event, type OpenInbox, retry } from "./given.ts";

const routes = ["orders", "audit"];
const nowMs = base + 10_000;

export function describeDestinations(open: OpenInbox): void {
  describe("several destinations", () => {
    it("gives an entry to each that is owed it, and removes it when all are through", async () => {
      const inbox = await open();
      await inbox.accept(event({ destinations: routes }));
      const [orders] = await claimFor(inbox, "orders");
      const [audit] = await claimFor(inbox, "audit");
      expect([orders, audit]).toMatchObject([
        { destination: "orders", attempt: 1, shares: 2 },
        { destination: "audit", attempt: 1, shares: 2 },
      ]);
      expect(await inbox.settle([done(orders!)])).toEqual([true]);
      expect((await inbox.depth("billing")).waiting).toBe(1);
      expect(await inbox.settle([done(audit!)])).toEqual([true]);
      expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 0 });
    });

    it("counts attempts and waits for each on its own", async () => {
      const inbox = await open();
      await inbox.accept(event({ destinations: routes }));
      const [orders] = await claimFor(inbox, "orders");
      await inbox.settle([retry(orders!, 60_000)]);
      const [audit] = await claimFor(inbox, "audit");
      expect(audit).toMatchObject({ attempt: 1 });
      expect(await claimFor(inbox, "orders")).toEqual([]);
      await inbox.settle([done(audit!)]);
      const [again] = await claim(inbox, { routes, nowMs: nowMs + 60_000 });
      expect(again).toMatchObject({ destination: "orders", attempt: 2 });
      expect(await inbox.settle([done(audit!), done(again!)])).toEqual([false, true]);
      expect((await inbox.depth("billing")).waiting).toBe(0);
    });

    it("serves one although another claims nothing", async () => {
      const inbox = await open();
      for (let index = 0; index < 200; index++) {
        await inbox.accept(event({ eventId: `e${index}`, destinations: routes }));
      }
      const claimed = [await claimFor(inbox, "audit"), await claimFor(inbox, "audit")].flat();
      expect(new Set(ids(claimed)).size).toBe(200);
      await inbox.settle(claimed.map(done));
      expect((await inbox.depth("billing")).waiting).toBe(200);
      expect(ids(await claimFor(inbox, "orders"))).toHaveLength(100);
    });

    it("gives nobody what is owed to another", async () => {
      const inbox = await open();
      for (let index = 0; index < 150; index++) {
        await inbox.accept(event({ eventId: `o${index}`, destinations: ["orders"] }));
      }
      await inbox.accept(event({ eventId: "a", destinations: ["audit"] }));
      const [entry, ...others] = await claimFor(inbox, "audit");
      expect(entry).toMatchObject({ eventId: "a", shares: 1 });
      expect(others).toEqual([]);
      await inbox.settle([done(entry!)]);
      expect((await inbox.depth("billing")).waiting).toBe(150);
    });

    it("owes an event that came without destinations to all that the first claim names", async () => {
      const inbox = await open();
      await inbox.accept(event());
      const [orders] = await claimFor(inbox, "orders");
      await inbox.settle([done(orders!)]);
      const later = { destination: "later", routes: [...routes, "later"], nowMs };
      expect(await claim(inbox, later)).toEqual([]);
      const [audit] = await claimFor(inbox, "audit");
      expect(audit).toMatchObject({ shares: 2 });
      await inbox.settle([done(audit!)]);
      expect((await inbox.depth("billing")).waiting).toBe(0);
    });

    it("keeps dead letters of each, and requeues them for it alone", async () => {
      const inbox = await open();
      await inbox.accept(event({ destinations: routes }));
      const both = [...(await claimFor(inbox, "orders")), ...(await claimFor(inbox, "audit"))];
      await inbox.settle(both.map(dead));
      expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 2 });
      const letters = await inbox.deadLetters({ source: "billing", limit: 10 });
      expect(letters.map(({ destination }) => destination)).toEqual(routes);
      await inbox.requeue({ source: "billing", keys: [letters[1]!.key] });
      expect(await claimFor(inbox, "orders")).toEqual([]);
      const [audit] = await claimFor(inbox, "audit");
      expect(audit).toMatchObject({ destination: "audit", attempt: 1, eventId: "evt_1" });
      await inbox.settle([done(audit!)]);
      expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 1 });
      const [left] = await inbox.deadLetters({ source: "billing", limit: 10 });
      expect(left).toMatchObject({ destination: "orders", eventId: "evt_1" });
      expect(Buffer.from(left!.body).toString()).toBe("{}");
    });

    it("leaves what was received for a removed destination later, and gives it to who has it again", async () => {
      const inbox = await open();
      const [sinceMs, destinations] = [Date.now(), ["orders"]];
      await inbox.accept(event({ eventId: "a", destinations, receivedAtMs: sinceMs }));
      await inbox.accept(event({ eventId: "b", destinations, receivedAtMs: sinceMs + 1 }));
      const without = (now: number) =>
        claim(inbox, { routes: ["audit"], sinceMs, leaseMs: 30_000, nowMs: now });
      expect(ids(await without(nowMs))).toEqual(["a"]);
      expect(ids(await without(nowMs + 1))).toEqual([]);
      expect(ids(await claim(inbox, { leaseMs: 30_000, nowMs: nowMs + 1 }))).toEqual(["b"]);
      expect(ids(await without(nowMs + 60_000))).toEqual(["a"]);
      expect(ids(await claim(inbox, { nowMs: nowMs + 60_000 }))).toEqual(["b"]);
    });

    it("knows who is owed something, also those nobody claims for any more", async () => {
      const inbox = await open();
      await inbox.accept(event({ destinations: ["orders", "removed"] }));
      await claimFor(inbox, "orders");
      expect((await inbox.owed("billing")).toSorted()).toEqual(["orders", "removed"]);
      expect(await inbox.owed("other")).toEqual([]);
    });
  });
}

const claimFor = (inbox: Inbox, destination: string) => claim(inbox, { destination, routes, nowMs });
const ids = (entries: readonly ClaimedEntry[]) => entries.map(({ eventId }) => eventId);
