import { describe, expect, it } from "vitest";
import type { EventQuery, Inbox } from "../../inbox.ts";
import { base, claim, dead, done, event, type OpenInbox } from "./given.ts";

const routes = ["orders", "audit"];
const nowMs = base + 10_000;

export function describeLog(open: OpenInbox): void {
  describe("events and replay", () => {
    it("lists what waits, in pages, and what is done when it is kept", async () => {
      const inbox = await open({ keptEvents: 10 });
      for (const eventId of ["a", "b", "c"]) await inbox.accept(event({ eventId, destinations: routes }));
      const first = await inbox.events({ source: "billing", state: "waiting", limit: 2 });
      const rest = await list(inbox, { state: "waiting", after: first[1]!.key });
      expect([...first, ...rest].map(({ eventId }) => eventId)).toEqual(["a", "b", "c"]);
      await finish(inbox, "orders");
      expect(await list(inbox, { state: "done" })).toEqual([]);
      await finish(inbox, "audit");
      expect(await list(inbox, { state: "waiting" })).toEqual([]);
      const kept = await list(inbox, { state: "done" });
      expect(kept).toMatchObject([
        { eventId: "a", eventType: "invoice.paid", headers: { "x-ü": "ü" } },
        { eventId: "b" },
        { eventId: "c" },
      ]);
      const after = await list(inbox, { state: "done", after: kept[0]!.key });
      expect(after.map(({ eventId }) => eventId)).toEqual(["b", "c"]);
      expect(await list(inbox, { source: "other", state: "done" })).toEqual([]);
    });

    it("owes what is done anew, to the destinations it is told, and keeps it again", async () => {
      const inbox = await open({ keptEvents: 10 });
      for (const eventId of ["a", "b"]) await inbox.accept(event({ eventId, destinations: routes }));
      for (const destination of routes) await finish(inbox, destination);
      const [, second] = await list(inbox, { state: "done" });
      const request = { source: "billing", keys: [second!.key], destinations: ["audit"] };
      expect(await inbox.replay(request)).toBe(1);
      expect(await inbox.replay(request)).toBe(0);
      expect(await inbox.depth("billing")).toEqual({ waiting: 1, dead: 0 });
      expect(await claim(inbox, { routes, nowMs })).toEqual([]);
      const [again] = await claim(inbox, { destination: "audit", routes, nowMs });
      expect(again).toMatchObject({ eventId: "b", attempt: 1, shares: 1 });
      await inbox.settle([done(again!)]);
      const kept = await list(inbox, { state: "done" });
      expect(kept.map(({ eventId }) => eventId)).toEqual(["a", "b"]);
    });

    it("keeps no more than it may, and nothing by default", async () => {
      const inbox = await open({ keptEvents: 3 });
      for (let index = 0; index < 8; index++) {
        await inbox.accept(event({ eventId: `e${index}`, destinations: ["orders"] }));
        await inbox.accept(event({ eventId: `e${index}`, destinations: ["orders"], source: "other" }));
      }
      await finish(inbox, "orders");
      await inbox.settle((await claim(inbox, { source: "other", nowMs })).map(done));
      for (const source of ["billing", "other"]) {
        const kept = await list(inbox, { source, state: "done" });
        expect(kept.map(({ eventId }) => eventId)).toEqual(["e5", "e6", "e7"]);
      }
      const plain = await open();
      await plain.accept(event({ source: "plain", eventId: "p" }));
      await plain.settle((await claim(plain, { source: "plain" })).map(done));
      expect(await list(plain, { source: "plain", state: "done" })).toEqual([]);
    });

    it("keeps an event of which one destination has a dead letter, and both can be sent again", async () => {
      const inbox = await open({ keptEvents: 3 });
      await inbox.accept(event({ destinations: routes }));
      await inbox.settle((await claim(inbox, { routes, nowMs })).map(dead));
      await finish(inbox, "audit");
      const [kept] = await list(inbox, { state: "done" });
      const [letter] = await inbox.deadLetters({ source: "billing", limit: 1 });
      await inbox.requeue({ source: "billing", keys: [letter!.key] });
      await finish(inbox, "orders");
      expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 0 });
      const after = await list(inbox, { state: "done" });
      expect(new Set(after.map(({ eventId }) => eventId))).toEqual(new Set([kept!.eventId]));
      expect(Buffer.from(after[0]!.body).toString()).toBe("{}");
    });

    it("keeps what dies again after a replay although its dead letter is still there", async () => {
      const inbox = await open({ keptEvents: 3 });
      await inbox.accept(event({ destinations: ["orders"] }));
      await inbox.settle((await claim(inbox, { nowMs })).map(dead));
      const [kept] = await list(inbox, { state: "done" });
      const request = { source: "billing", keys: [kept!.key], destinations: ["orders"] };
      expect(await inbox.replay(request)).toBe(1);
      expect(await inbox.settle((await claim(inbox, { nowMs })).map(dead))).toEqual([true]);
      expect((await inbox.depth("billing")).waiting).toBe(0);
      const letters = await inbox.deadLetters({ source: "billing", limit: 10 });
      expect(letters[0]).toMatchObject({ eventId: "evt_1", destination: "orders" });
      const keys = letters.map(({ key }) => key);
      expect(await inbox.requeue({ source: "billing", keys })).toBe(letters.length);
      expect((await claim(inbox, { nowMs })).length).toBeGreaterThan(0);
    });
  });
}

async function finish(inbox: Inbox, destination: string): Promise<void> {
  await inbox.settle((await claim(inbox, { destination, routes, nowMs })).map(done));
}

function list(inbox: Inbox, query: Partial<EventQuery> & Pick<EventQuery, "state">) {
  return inbox.events({ source: "billing", limit: 100, ...query });
}
