import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Inbox } from "../../inbox.ts";
import { claim, dead, done, event, type OpenInbox } from "./given.ts";

const day = 24 * 3_600_000;

export function describeAccept(open: OpenInbox): void {
  describe("accept", () => {
    it("accepts an event id once per source", async () => {
      const inbox = await open();
      expect(await inbox.accept(event({ eventId: "a" }))).toBe("accepted");
      expect(await inbox.accept(event({ eventId: "a" }))).toBe("duplicate");
      expect(await inbox.accept(event({ eventId: "b" }))).toBe("accepted");
      expect(await inbox.accept(event({ eventId: "a", source: "other" }))).toBe("accepted");
    });

    it("makes one entry of a hundred parallel requests with the same id", async () => {
      const [one, two] = [await open(), await open()];
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          (index % 2 === 0 ? one : two).accept(event({ eventId: "a" })),
        ),
      );
      expect(results.filter((result) => result === "accepted")).toHaveLength(1);
      expect(results.filter((result) => result === "duplicate")).toHaveLength(99);
      expect((await one.depth("billing")).waiting).toBe(1);
    });

    it("answers each of many events that share a commit, in its place", async () => {
      const inbox = await open();
      const ids = Array.from({ length: 300 }, (_, index) => `e${index % 200}`);
      const sources = ["billing", "shipping"];
      const results = await Promise.all(
        ids.map((eventId, index) => inbox.accept(event({ eventId, source: sources[index % 2] ?? "" }))),
      );
      expect(results.slice(0, 200).every((result) => result === "accepted")).toBe(true);
      expect(results.slice(200).every((result) => result === "duplicate")).toBe(true);
    });

    it("keeps the bytes and the listed headers as they came", async () => {
      const inbox = await open();
      const bodies = [Buffer.alloc(0), Buffer.from([0, 0xff, 0xfe, 0x80]), randomBytes(1 << 20)];
      for (const [index, body] of bodies.entries()) {
        await inbox.accept(event({ eventId: `e${index}`, body, eventType: index === 0 ? undefined : "a.b" }));
      }
      const claimed = await claim(inbox);
      expect(claimed.map(({ body }) => sha256(body))).toEqual(bodies.map(sha256));
      expect(claimed.map(({ eventType }) => eventType)).toEqual([undefined, "a.b", "a.b"]);
      expect(claimed[0]).toMatchObject({
        eventId: "e0",
        source: "billing",
        attempt: 1,
        destination: "orders",
      });
      expect(claimed[0]?.headers).toEqual({ "content-type": "application/json", "x-ü": "ü" });
    });

    it("forgets an id between once and twice the dedupe time, and not before", async () => {
      const inbox = await open({ dedupeMs: 7 * day });
      const now = Date.now();
      await inbox.accept(event({ eventId: "a", receivedAtMs: now - 14 * day - 1_000 }));
      await inbox.accept(event({ eventId: "b", receivedAtMs: now - 7 * day + 60_000 }));
      expect(await inbox.accept(event({ eventId: "a", receivedAtMs: now }))).toBe("accepted");
      expect(await inbox.accept(event({ eventId: "b", receivedAtMs: now }))).toBe("duplicate");
    });

    it("remembers an id after its entry is done", async () => {
      const inbox = await open();
      await inbox.accept(event({ eventId: "a" }));
      await inbox.settle((await claim(inbox)).map((entry) => ({ kind: "done", claim: entry })));
      expect(await inbox.accept(event({ eventId: "a" }))).toBe("duplicate");
      expect((await inbox.depth("billing")).waiting).toBe(0);
    });

    it("is full at the high-water mark, still knows duplicates, and takes up again after a settlement", async () => {
      const inbox = await open({ highWaterMark: 2 });
      const results = await Promise.all(["a", "b", "c"].map((eventId) => inbox.accept(event({ eventId }))));
      expect(results).toEqual(["accepted", "accepted", "full"]);
      expect(await inbox.accept(event({ eventId: "a" }))).toBe("duplicate");
      expect(await inbox.accept(event({ eventId: "c", source: "other" }))).toBe("accepted");
      const [first] = await claim(inbox);
      await inbox.settle([{ kind: "done", claim: first! }]);
      expect(await inbox.accept(event({ eventId: "c" }))).toBe("accepted");
    });
  });

  describe("the high-water mark", () => {
    it("is a source's own where its events say so", async () => {
      const inbox = await open({ highWaterMark: 1 });
      expect(await accept(inbox, "a", 2)).toBe("accepted");
      expect(await accept(inbox, "b")).toBe("full");
      expect(await inbox.acceptBatch([event({ eventId: "b" })])).toBe("full");
      expect(await accept(inbox, "b", 2)).toBe("accepted");
      expect(await accept(inbox, "c", 2)).toBe("full");
      const batch = ["c", "d"].map((eventId) => event({ eventId, highWaterMark: 3 }));
      expect(await inbox.acceptBatch(batch)).toEqual(["accepted", "accepted"]);
    });

    it("counts what one of several destinations is owed, and no dead letters", async () => {
      const inbox = await open({ highWaterMark: 1 });
      const routes = ["orders", "audit"];
      await inbox.accept(event({ eventId: "a", destinations: routes }));
      await inbox.settle((await claim(inbox, { routes })).map(done));
      expect(await accept(inbox, "b")).toBe("full");
      await inbox.settle((await claim(inbox, { routes, destination: "audit" })).map(dead));
      expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 1 });
      expect(await accept(inbox, "b")).toBe("accepted");
    });
  });

  describe("acceptBatch", () => {
    it("takes what is new of a batch, in order, and knows what is not", async () => {
      const inbox = await open();
      await inbox.accept(event({ eventId: "b" }));
      const batch = ["a", "b", "c", "a"].map((eventId) => event({ eventId }));
      expect(await inbox.acceptBatch(batch)).toEqual(["accepted", "duplicate", "accepted", "duplicate"]);
      expect(await inbox.acceptBatch(batch)).toEqual(Array.from({ length: 4 }, () => "duplicate"));
      expect((await claim(inbox)).map(({ eventId }) => eventId)).toEqual(["b", "a", "c"]);
      expect(await inbox.acceptBatch([])).toEqual([]);
    });

    it("takes all or nothing at the high-water mark, and forgets the ids of what it did not take", async () => {
      const inbox = await open({ highWaterMark: 2 });
      const batch = ["a", "b", "c"].map((eventId) => event({ eventId }));
      expect(await inbox.acceptBatch(batch.slice(0, 1))).toEqual(["accepted"]);
      expect(await inbox.acceptBatch(batch.slice(1))).toEqual(["accepted", "accepted"]);
      const more = ["a", "d", "e"].map((eventId) => event({ eventId }));
      expect(await inbox.acceptBatch(more)).toBe("full");
      expect(await inbox.acceptBatch(batch)).toEqual(["duplicate", "duplicate", "duplicate"]);
      expect((await inbox.depth("billing")).waiting).toBe(3);
      const claimed = await claim(inbox);
      await inbox.settle(claimed.map((entry) => ({ kind: "done", claim: entry })));
      expect(await inbox.acceptBatch(more)).toEqual(["duplicate", "accepted", "accepted"]);
    });

    it("makes one entry per id of batches that come in parallel", async () => {
      const [one, two] = [await open(), await open()];
      const batch = Array.from({ length: 500 }, (_, index) => event({ eventId: `e${index}` }));
      const results = await Promise.all(
        [one, two, one, two].map((inbox, index) =>
          inbox.acceptBatch(batch.slice(index * 50, 350 + index * 50)),
        ),
      );
      expect(results.flat().filter((result) => result === "accepted")).toHaveLength(500);
      expect((await one.depth("billing")).waiting).toBe(500);
    });
  });
}

function accept(inbox: Inbox, eventId: string, highWaterMark?: number) {
  return inbox.accept(event({ eventId, highWaterMark }));
}

function sha256(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}
