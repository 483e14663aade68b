import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { base, claim, event, type OpenInbox, renew } from "./given.ts";

export function describeClaim(open: OpenInbox): void {
  describe("claim", () => {
    it("gives each entry to one claimer at a time, oldest first", async () => {
      const [one, two] = [await open(), await open()];
      const ids = Array.from({ length: 40 }, (_, index) => `e${index}`);
      for (const eventId of ids) await one.accept(event({ eventId }));
      const claims = await Promise.all([claim(one, { limit: 25 }), claim(two, { limit: 25 })]);
      // Either may be the first.
      if (claims[0][0]?.eventId !== "e0") claims.reverse();
      expect(claims.flat().map(({ eventId }) => eventId)).toEqual(ids);
    });

    it("gives an entry out again only when its lease has ended, as another attempt", async () => {
      const inbox = await open();
      await inbox.accept(event());
      await claim(inbox, { nowMs: base + 10_000, leaseMs: 5_000 });
      expect(await claim(inbox, { nowMs: base + 14_999 })).toEqual([]);
      const [again] = await claim(inbox, { nowMs: base + 15_000 });
      expect(again).toMatchObject({ attempt: 2 });
    });

    it("does not give out entries of another source", async () => {
      const inbox = await open();
      await inbox.accept(event({ source: "other" }));
      expect(await claim(inbox)).toEqual([]);
    });

    it("serves several sources at the same time, while events come in", async () => {
      const inbox = await open();
      const sources = ["billing", "shipping", "support"];
      for (let turn = 0; turn < 5; turn++) {
        const [claimed, accepted] = await Promise.all([
          Promise.all(sources.map((source) => claim(inbox, { source }))),
          Promise.all(sources.map((source) => inbox.accept(event({ source, eventId: `e${turn}` })))),
        ]);
        expect(accepted).toEqual(["accepted", "accepted", "accepted"]);
        const rest = await Promise.all(sources.map((source) => claim(inbox, { source })));
        for (const index of sources.keys()) {
          const ids = [...(claimed[index] ?? []), ...(rest[index] ?? [])].map(({ eventId }) => eventId);
          expect(ids).toEqual([`e${turn}`]);
        }
      }
    });

    it("gives new entries out although many old ones are due again", async () => {
      const inbox = await open();
      for (let index = 0; index < 20; index++) await inbox.accept(event({ eventId: `old${index}` }));
      await claim(inbox, { limit: 20, nowMs: base + 10_000, leaseMs: 1_000 });
      await inbox.accept(event({ eventId: "new", receivedAtMs: base + 10_500 }));
      const claims = [];
      for (let round = 0; round < 3; round++)
        claims.push(...(await claim(inbox, { limit: 10, nowMs: base + 11_000 })));
      expect(claims.map(({ eventId }) => eventId)).toContain("new");
      expect(claims).toHaveLength(21);
    });

    it("survives closing and opening the store", async () => {
      const before = await open();
      await before.accept(event({ eventId: "a" }));
      await before.close();
      const [entry] = await claim(await open());
      expect(entry).toMatchObject({ eventId: "a", attempt: 1 });
    });
  });

  describe("renew", () => {
    it("keeps an entry leased, and says when the lease was lost", async () => {
      const inbox = await open();
      await inbox.accept(event());
      const [held] = await claim(inbox, { nowMs: base + 10_000, leaseMs: 5_000 });
      expect(await renew(inbox, { claims: [held!], nowMs: base + 14_000, leaseMs: 5_000 })).toEqual([true]);
      expect(await claim(inbox, { nowMs: base + 18_000 })).toEqual([]);
      await claim(inbox, { nowMs: base + 19_000 });
      expect(await renew(inbox, { claims: [held!], nowMs: base + 19_500, leaseMs: 5_000 })).toEqual([false]);
    });
  });

  describe("wait", () => {
    it("resolves when an event comes, and when aborted", async () => {
      const inbox = await open();
      // Longer than a test may take.
      const timeoutMs = 3_600_000;
      await claim(inbox);
      const waiting = inbox.wait({ timeoutMs });
      setTimeout(() => void inbox.accept(event()), 20);
      await waiting;
      const controller = new AbortController();
      await claim(inbox);
      const aborted = inbox.wait({ timeoutMs, signal: controller.signal });
      controller.abort();
      await aborted;
    });

    it("leaves nothing on its signal, which may be one of very many", async () => {
      const inbox = await open();
      const { signal } = new AbortController();
      await inbox.wait({ timeoutMs: 1, signal });
      expect(getEventListeners(signal, "abort")).toEqual([]);
    });
  });
}
