import { createHash, randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import {
  type ClaimedEntry,
  type Inbox,
  type InboxLimits,
  InboxUnavailable,
  type IncomingEvent,
  type Settlement,
} from "../inbox.ts";

/** What the suite needs of an implementation. */
export interface InboxUnderTest {
  /** Opens the same store every time it is called within one test. */
  open(limits?: InboxLimits): Promise<Inbox>;
  /** Makes the store empty for the next test. */
  clear(): Promise<void>;
}

const day = 24 * 3_600_000;
/** The tests' clock counts from here: later than the receipt of their events, which ids are remembered from. */
const base = Date.now() + 3_600_000;

/** The rules of the `Inbox` port, as tests. A new implementation's test file is one call of this. */
export function describeInbox(name: string, subject: InboxUnderTest): void {
  describe(`Inbox: ${name}`, () => {
    const opened: Inbox[] = [];
    const open = async (limits?: InboxLimits) => {
      const inbox = await subject.open(limits);
      opened.push(inbox);
      return inbox;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((inbox) => inbox.close()));
      await subject.clear();
    });

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
          await inbox.accept(
            event({ eventId: `e${index}`, body, eventType: index === 0 ? undefined : "a.b" }),
          );
        }
        const claimed = await claim(inbox);
        expect(claimed.map(({ body }) => sha256(body))).toEqual(bodies.map(sha256));
        expect(claimed.map(({ eventType }) => eventType)).toEqual([undefined, "a.b", "a.b"]);
        expect(claimed[0]).toMatchObject({ eventId: "e0", source: "billing", attempt: 1, confirmed: [] });
        expect(claimed[0]?.headers).toEqual({ "content-type": "application/json", "x-ü": "ü" });
      });

      it("forgets an id after the dedupe time and not before", async () => {
        const inbox = await open({ dedupeMs: 7 * day });
        const now = Date.now();
        await inbox.accept(event({ eventId: "a", receivedAtMs: now - 7 * day - 1_000 }));
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

    describe("claim", () => {
      it("gives each entry to one claimer at a time, oldest first", async () => {
        const [one, two] = [await open(), await open()];
        for (let index = 0; index < 40; index++) await one.accept(event({ eventId: `e${index}` }));
        const claims = await Promise.all([claim(one, { limit: 25 }), claim(two, { limit: 25 })]);
        const ids = claims.flat().map(({ eventId }) => eventId);
        expect(ids).toHaveLength(40);
        expect(new Set(ids).size).toBe(40);
        expect(ids[0]).toBe("e0");
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
        expect(await inbox.renew({ claims: [held!], nowMs: base + 14_000, leaseMs: 5_000 })).toEqual([true]);
        expect(await claim(inbox, { nowMs: base + 18_000 })).toEqual([]);
        await claim(inbox, { nowMs: base + 19_000 });
        expect(await inbox.renew({ claims: [held!], nowMs: base + 19_500, leaseMs: 5_000 })).toEqual([false]);
      });
    });

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

      it("makes an entry due at the time it is told, with the destinations that confirmed", async () => {
        const inbox = await open();
        await inbox.accept(event());
        const [first] = await claim(inbox, { nowMs: base + 10_000 });
        await inbox.settle([{ kind: "retry", claim: first!, dueAtMs: base + 50_000, confirmed: ["orders"] }]);
        expect(await claim(inbox, { nowMs: base + 49_999 })).toEqual([]);
        const [again] = await claim(inbox, { nowMs: base + 50_000 });
        expect(again).toMatchObject({ attempt: 2, confirmed: ["orders"] });
      });

      it("keeps dead letters, lists them in pages and gives them out again on demand", async () => {
        const inbox = await open();
        for (const eventId of ["a", "b", "c"]) await inbox.accept(event({ eventId }));
        const claimed = await claim(inbox, { nowMs: base + 10_000 });
        await inbox.settle(claimed.map((entry) => dead(entry)));
        expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 3 });
        const first = await inbox.deadLetters({ source: "billing", limit: 2 });
        const rest = await inbox.deadLetters({ source: "billing", limit: 2, after: first[1]!.key });
        const letters = [...first, ...rest];
        expect(letters.map(({ eventId }) => eventId)).toEqual(["a", "b", "c"]);
        expect(letters[0]).toMatchObject({
          attempts: 1,
          reason: "refused by ünï",
          buriedAtMs: base + 12_000,
          confirmed: ["orders"],
          headers: { "content-type": "application/json" },
        });
        const keys = [letters[0]!.key, letters[2]!.key, "999999-0"].slice(0, 2);
        expect(await inbox.requeue({ source: "billing", keys, nowMs: base + 20_000 })).toBe(2);
        expect(await inbox.requeue({ source: "billing", keys, nowMs: base + 20_000 })).toBe(0);
        const again = await claim(inbox, { nowMs: base + 20_000 });
        expect(again.map(({ eventId }) => eventId)).toEqual(["a", "c"]);
        expect(again[0]).toMatchObject({ attempt: 1, confirmed: ["orders"] });
        expect(await inbox.depth("billing")).toEqual({ waiting: 2, dead: 1 });
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

    describe("wait", () => {
      it("resolves when an event comes, and when aborted", async () => {
        const inbox = await open();
        await claim(inbox);
        const started = performance.now();
        const waiting = inbox.wait({ sources: ["billing"], timeoutMs: 20_000 });
        setTimeout(() => void inbox.accept(event()), 20);
        await waiting;
        const controller = new AbortController();
        await claim(inbox);
        const aborted = inbox.wait({ sources: ["billing"], timeoutMs: 20_000, signal: controller.signal });
        controller.abort();
        await aborted;
        expect(performance.now() - started).toBeLessThan(900);
      });
    });

    describe("close", () => {
      it("makes every verb fail as `InboxUnavailable`", async () => {
        const inbox = await open();
        await inbox.accept(event());
        const [held] = await claim(inbox);
        await inbox.close();
        const source = "billing";
        const verbs = {
          accept: () => inbox.accept(event({ eventId: "b" })),
          claim: () => claim(inbox),
          renew: () => inbox.renew({ claims: [held!], leaseMs: 1, nowMs: base }),
          settle: () => inbox.settle([done(held!)]),
          depth: () => inbox.depth(source),
          deadLetters: () => inbox.deadLetters({ source, limit: 1 }),
          requeue: () => inbox.requeue({ source, keys: [held!.key], nowMs: base }),
          selfCheck: () => inbox.selfCheck(),
        };
        const faults = Object.entries(verbs).map(async ([verb, call]) => [
          verb,
          await call().then(
            () => "none",
            (error: unknown) => (error instanceof InboxUnavailable ? "InboxUnavailable" : error),
          ),
        ]);
        for (const [verb, fault] of await Promise.all(faults)) {
          expect(fault, String(verb)).toBe("InboxUnavailable");
        }
      });
    });

    describe("selfCheck", () => {
      it("finds a durable store safe", async () => {
        const findings = await (await open()).selfCheck();
        expect(findings.length).toBeGreaterThan(0);
        expect(findings.filter(({ level }) => level === "unsafe")).toEqual([]);
      });
    });
  });
}

const done = (entry: ClaimedEntry): Settlement => ({ kind: "done", claim: entry });

const dead = (entry: ClaimedEntry): Settlement => ({
  kind: "dead",
  claim: entry,
  reason: "refused by ünï",
  nowMs: base + 12_000,
  confirmed: ["orders"],
});

function claim(
  inbox: Inbox,
  { source = "billing", limit = 100, leaseMs = 30_000, nowMs = Date.now() } = {},
): Promise<readonly ClaimedEntry[]> {
  return inbox.claim({ source, limit, leaseMs, nowMs });
}

function event(given: Partial<IncomingEvent> = {}): IncomingEvent {
  return {
    source: "billing",
    eventId: "evt_1",
    eventType: "invoice.paid",
    headers: { "content-type": "application/json", "x-ü": "ü" },
    body: Buffer.from("{}"),
    receivedAtMs: Date.now(),
    ...given,
  };
}

function sha256(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}
