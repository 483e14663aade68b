import { describe, expect, it } from "vitest";
import type { Inbox } from "../../inbox.ts";
import { base, claim, dead, done, event, type OpenInbox, retry } from "./given.ts";

const routes = ["orders", "audit"];
const nowMs = base + 10_000;

export function describeSubjects(open: OpenInbox): void {
  describe("subjects", () => {
    it("gives out a subject's entries one after another, the next when the one before is done", async () => {
      const inbox = await open();
      for (const id of ["a", "b", "c"]) await accept(inbox, id, "inv_1");
      for (const id of ["a", "b", "c"]) {
        const entry = await claimOne(inbox);
        expect(entry).toMatchObject({ eventId: id, subject: "inv_1", attempt: 1 });
        expect(await claimOne(inbox)).toBeUndefined();
        await inbox.settle([done(entry!)]);
      }
      expect(await claimOne(inbox)).toBeUndefined();
      await accept(inbox, "d", "inv_1");
      expect(await claimOne(inbox)).toMatchObject({ eventId: "d" });
    });

    it("keeps a subject waiting while its first entry is tried again, and nobody else", async () => {
      const inbox = await open();
      await accept(inbox, "a", "inv_1");
      await accept(inbox, "b", "inv_1");
      const first = await claimOne(inbox);
      await inbox.settle([retry(first!, 60_000)]);
      await accept(inbox, "c", "inv_2");
      await accept(inbox, "d");
      const others = await claim(inbox, { routes, nowMs });
      expect(others.map(({ eventId }) => eventId)).toEqual(["c", "d"]);
      await inbox.settle(others.map(done));
      const [again] = await claim(inbox, { routes, nowMs: nowMs + 60_000 });
      expect(again).toMatchObject({ eventId: "a", attempt: 2 });
      await inbox.settle([dead(again!)]);
      expect(await claimOne(inbox)).toMatchObject({ eventId: "b", attempt: 1 });
    });

    it("keeps the order for each destination on its own", async () => {
      const inbox = await open();
      await accept(inbox, "a", "inv_1");
      await accept(inbox, "b", "inv_1");
      await claimOne(inbox);
      await inbox.settle([done((await claimOne(inbox, "audit"))!)]);
      expect(await claimOne(inbox, "audit")).toMatchObject({ eventId: "b" });
      expect(await claimOne(inbox)).toBeUndefined();
    });

    it("keeps the order when the lease of the first ends", async () => {
      const inbox = await open();
      await accept(inbox, "a", "inv_1");
      await accept(inbox, "b", "inv_1");
      const stale = await claimOne(inbox);
      const again = await claim(inbox, { routes, nowMs: nowMs + 40_000 });
      expect(again).toMatchObject([{ eventId: "a", attempt: 2 }]);
      expect(await inbox.settle([done(stale!)])).toEqual([false]);
      expect(await claim(inbox, { routes, nowMs: nowMs + 41_000 })).toEqual([]);
    });

    it("keeps the order of events that came without destinations", async () => {
      const inbox = await open();
      for (const id of ["a", "b"]) await inbox.accept(event({ eventId: id, subject: "inv_1" }));
      const first = await claimOne(inbox);
      expect(first).toMatchObject({ eventId: "a" });
      await inbox.settle([done(first!)]);
      expect(await claimOne(inbox)).toMatchObject({ eventId: "b" });
    });

    it("puts a requeued dead letter behind what is under way", async () => {
      const inbox = await open();
      for (const id of ["a", "b"]) await accept(inbox, id, "inv_1");
      await inbox.settle([dead((await claimOne(inbox))!)]);
      const second = await claimOne(inbox);
      const [letter] = await inbox.deadLetters({ source: "billing", limit: 1 });
      expect(await inbox.requeue({ source: "billing", keys: [letter!.key] })).toBe(1);
      expect(await claimOne(inbox)).toBeUndefined();
      await inbox.settle([done(second!)]);
      expect(await claimOne(inbox)).toMatchObject({ eventId: "a" });
    });
  });
}

const accept = (inbox: Inbox, eventId: string, subject?: string) =>
  inbox.accept(event({ eventId, subject, destinations: routes }));
const claimOne = async (inbox: Inbox, destination = "orders") => {
  const entries = await claim(inbox, { destination, routes, nowMs });
  expect(entries.length).toBeLessThanOrEqual(1);
  return entries[0];
};
