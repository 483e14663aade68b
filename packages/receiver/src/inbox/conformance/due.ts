import { until } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import type { Inbox } from "../../inbox.ts";
import { base, claim, dead, done, dueAt, event, type OpenInbox, retry, settle } from "./given.ts";

/** Resolves when a look says that something of the source may be claimable for the destination. */
function untilDue(inbox: Inbox, destination = "orders", nowMs = base): Promise<unknown> {
  return until(async () =>
    (await dueAt(inbox, nowMs)).some(
      (one) => one.source === "billing" && (one.destination === undefined || one.destination === destination),
    ),
  );
}

const keysOf = (entries: readonly { readonly key: string }[]) => entries.map(({ key }) => key);

export function describeDue(open: OpenInbox): void {
  describe("due", () => {
    it("names what this process and what another one has accepted, for each destination", async () => {
      const [one, two] = [await open(), await open()];
      await one.accept(event({ destinations: ["orders", "audit"] }));
      for (const inbox of [one, two]) for (const name of ["orders", "audit"]) await untilDue(inbox, name);
    });

    it("names what came without destinations, also for those that have not claimed yet", async () => {
      const [one, two] = [await open(), await open()];
      const routes = ["orders", "audit"];
      await one.acceptBatch([event()]);
      await untilDue(two);
      expect(await claim(one, { routes })).toHaveLength(1);
      await untilDue(two, "audit");
      expect(await claim(one, { routes, destination: "audit" })).toHaveLength(1);
    });

    it("names what is left when there was no room for more", async () => {
      const [one, two] = [await open(), await open()];
      for (const eventId of ["a", "b"]) await one.accept(event({ eventId, destinations: ["orders"] }));
      expect(await claim(one, { limit: 1 })).toHaveLength(1);
      for (const inbox of [one, two]) await untilDue(inbox);
    });

    it("names what is claimable again because a lease or a wait is over", async () => {
      const [one, two] = [await open(), await open()];
      await one.accept(event({ destinations: ["orders"] }));
      await claim(one, { nowMs: base, leaseMs: 30_000 });
      await untilDue(two, "orders", base + 30_000);
      const [held] = await claim(one, { nowMs: base + 30_000, leaseMs: 3_600_000 });
      await settle(one, { settlements: [retry(held!, 5_000)], nowMs: base + 30_000 });
      for (const inbox of [one, two]) await untilDue(inbox, "orders", base + 35_000);
    });

    it("names the next of a subject when the one before is done", async () => {
      const [one, two] = [await open(), await open()];
      for (const eventId of ["a", "b"])
        await one.accept(event({ eventId, subject: "invoice", destinations: ["orders"] }));
      const nowMs = base;
      const claimed = await claim(one, { nowMs, leaseMs: 3_600_000 });
      expect(claimed).toHaveLength(1);
      await settle(one, { settlements: claimed.map(done), nowMs });
      for (const inbox of [one, two]) await untilDue(inbox);
    });

    it("names what is sent again", async () => {
      const [one, two] = [await open({ keptEvents: 10 }), await open()];
      for (const eventId of ["a", "b"]) await one.accept(event({ eventId, destinations: ["orders"] }));
      const [first, second] = await claim(one, { nowMs: base });
      await settle(one, { settlements: [dead(first!), done(second!)], nowMs: base });
      const query = { source: "billing", limit: 10 };
      await one.requeue({ source: "billing", keys: keysOf(await one.deadLetters(query)) });
      await untilDue(two);
      await settle(one, { settlements: (await claim(one, { nowMs: base })).map(done), nowMs: base });
      const keys = keysOf(await one.events({ ...query, state: "done" }));
      expect(await one.replay({ source: "billing", keys, destinations: ["audit"] })).toBeGreaterThan(0);
      await untilDue(two, "audit");
    });
  });
}

/** What an inbox promises that knows of each source what it has. */
export function describeIndexed(open: OpenInbox): void {
  describe("due, where nothing is looked at in vain", () => {
    it("names no source that has nothing, or nothing yet", async () => {
      const inbox = await open();
      const nowMs = base;
      await inbox.accept(event({ source: "other", destinations: ["orders"] }));
      await inbox.accept(event({ destinations: ["orders"] }));
      expect(await dueAt(inbox, nowMs)).toContainEqual({ source: "billing", destination: "orders" });
      const [held] = await claim(inbox, { nowMs, leaseMs: 30_000 });
      // Whatever this process heard of is looked at once.
      await dueAt(inbox, nowMs);
      const ofBilling = async (time: number) =>
        (await untilLooked(() => dueAt(inbox, time))).filter(({ source }) => source === "billing");
      expect(await ofBilling(nowMs + 29_999)).toEqual([]);
      expect(await ofBilling(nowMs + 30_000)).toHaveLength(1);
      await settle(inbox, { settlements: [done(held!)], nowMs });
      await claim(inbox, { nowMs: nowMs + 30_000 });
      expect(await ofBilling(nowMs + 3_600_000)).toEqual([]);
    });

    it("names what was left because it was received for a removed destination later", async () => {
      const inbox = await open();
      const [nowMs, sinceMs] = [base, Date.now()];
      await inbox.accept(event({ source: "other", destinations: ["orders"] }));
      for (const [eventId, laterMs] of [["a", 0] as const, ["b", 1] as const])
        await inbox.accept(event({ eventId, destinations: ["orders"], receivedAtMs: sinceMs + laterMs }));
      expect(await claim(inbox, { nowMs, routes: [], sinceMs, leaseMs: 30_000 })).toHaveLength(1);
      // Whatever this process heard of is looked at once.
      await dueAt(inbox, nowMs);
      const named = await untilLooked(() => dueAt(inbox, nowMs));
      expect(named).toContainEqual({ source: "billing", destination: "orders" });
    });
  });
}

/** The other source has something all the time, which every whole look names. */
function untilLooked<Named extends readonly { readonly source: string }[]>(
  look: () => Promise<Named>,
): Promise<Named> {
  return until(async () => {
    const named = await look();
    return named.some(({ source }) => source === "other") && named;
  });
}
