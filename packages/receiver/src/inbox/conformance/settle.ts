import { describe, expect, it } from "vitest";
import { base, claim, dead, done, event, type OpenInbox, retry, settle } from "./given.ts";

export function describeSettle(open: OpenInbox): void {
  describe("settle", () => {
    it("removes what is done, for ever", async () => {
      const inbox = await open();
      await inbox.accept(event());
      const claimed = await claim(inbox, { nowMs: base + 10_000 });
      expect(await inbox.settle(claimed.map(done))).toEqual([true]);
      expect(await claim(inbox, { nowMs: base + 10_000_000 })).toEqual([]);
      expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 0 });
    });

    it("refuses a settlement under a lost lease", async () => {
      const inbox = await open();
      await inbox.accept(event());
      const stale = await claim(inbox, { nowMs: base + 10_000, leaseMs: 1_000 });
      const current = await claim(inbox, { nowMs: base + 20_000, leaseMs: 1_000 });
      expect(await inbox.settle(stale.map(done))).toEqual([false]);
      expect((await inbox.depth("billing")).waiting).toBe(1);
      expect(await inbox.settle(current.map(done))).toEqual([true]);
      expect(await inbox.settle(current.map(done))).toEqual([false]);
    });

    it("makes an entry due after the time it is told", async () => {
      const inbox = await open();
      await inbox.accept(event());
      const [first] = await claim(inbox, { nowMs: base + 10_000 });
      await settle(inbox, { settlements: [retry(first!, 30_000)], nowMs: base + 20_000 });
      expect(await claim(inbox, { nowMs: base + 49_999 })).toEqual([]);
      const [again] = await claim(inbox, { nowMs: base + 50_000 });
      expect(again).toMatchObject({ attempt: 2 });
    });

    it("keeps dead letters, lists them in pages and gives them out again on demand", async () => {
      const inbox = await open();
      for (const eventId of ["a", "b", "c"]) await inbox.accept(event({ eventId }));
      const claimed = await claim(inbox, { nowMs: base + 10_000 });
      await settle(inbox, { settlements: claimed.map(dead), nowMs: base + 12_000 });
      expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 3 });
      const first = await inbox.deadLetters({ source: "billing", limit: 2 });
      const rest = await inbox.deadLetters({ source: "billing", limit: 2, after: first[1]!.key });
      const letters = [...first, ...rest];
      expect(letters.map(({ eventId }) => eventId)).toEqual(["a", "b", "c"]);
      expect(letters[0]).toMatchObject({
        attempts: 1,
        reason: "refused by ünï",
        buriedAtMs: base + 12_000,
        destination: "orders",
        headers: { "content-type": "application/json" },
      });
      const keys = [letters[0]!.key, letters[2]!.key, "999999-0"].slice(0, 2);
      expect(await inbox.requeue({ source: "billing", keys })).toBe(2);
      expect(await inbox.requeue({ source: "billing", keys })).toBe(0);
      const again = await claim(inbox, { nowMs: base + 20_000 });
      expect(again.map(({ eventId }) => eventId)).toEqual(["a", "c"]);
      expect(again[0]).toMatchObject({ attempt: 1, destination: "orders" });
      expect(await inbox.depth("billing")).toEqual({ waiting: 2, dead: 1 });
    });

    it("removes dead letters on demand, and nothing else of their events", async () => {
      const inbox = await open();
      const routes = ["orders", "audit"];
      await inbox.accept(event({ eventId: "a", destinations: routes }));
      await inbox.accept(event({ eventId: "b", destinations: routes }));
      const nowMs = base + 10_000;
      await inbox.settle((await claim(inbox, { routes, nowMs })).map((entry) => dead(entry)));
      const [first, second] = await inbox.deadLetters({ source: "billing", limit: 10 });
      expect(await inbox.discard({ source: "other", keys: [first!.key] })).toBe(0);
      expect(await inbox.discard({ source: "billing", keys: [] })).toBe(0);
      expect(await inbox.discard({ source: "billing", keys: [first!.key] })).toBe(1);
      expect(await inbox.discard({ source: "billing", keys: [first!.key] })).toBe(0);
      expect(await inbox.depth("billing")).toEqual({ waiting: 2, dead: 1 });
      expect(await inbox.requeue({ source: "billing", keys: [first!.key, second!.key] })).toBe(1);
      const owed = [
        ...(await claim(inbox, { destination: "audit", routes, nowMs })),
        ...(await claim(inbox, { routes, nowMs })),
      ];
      expect(owed.map(({ eventId, destination }) => `${eventId} ${destination}`)).toEqual([
        "a audit",
        "b audit",
        "b orders",
      ]);
      expect(owed.map(({ body }) => Buffer.from(body).toString())).toEqual(["{}", "{}", "{}"]);
      expect(await inbox.accept(event({ eventId: "a" }))).toBe("duplicate");
    });

    it("settles entries of several sources together, each in its place", async () => {
      const inbox = await open();
      await inbox.accept(event({ source: "billing" }));
      await inbox.accept(event({ source: "shipping" }));
      const one = await claim(inbox);
      const two = await claim(inbox, { source: "shipping" });
      const lost = { ...two[0]!, attempt: 7 };
      expect(await inbox.settle([...two, lost, ...one].map(done))).toEqual([true, false, true]);
    });
  });
}
