import { describe, expect, it } from "vitest";
import type { ClaimedEntry, Inbox } from "../../inbox.ts";
import { base, claim, dead, done, event, type OpenInbox, retry, settle as settleAt } from "./given.ts";

const routes = ["orders", "audit", "search"];
const subjects = [undefined, undefined, "inv_1", "inv_2", "inv_3"];
const leaseMs = 1_000;

/** What the rules say about an event and one destination it is owed to. */
interface Owed {
  readonly eventId: string;
  readonly destination: string;
  readonly subject: string | undefined;
  attempt: number;
  dueAtMs: number;
  state: "open" | "done" | "dead";
}

/** Random histories of several destinations, subjects, retries and crashes, held against the rules at every step. */
export function describeHistories(open: OpenInbox): void {
  describe("any history", () => {
    it.each([1, 2, 3, 4])("keeps the rules of claiming and loses nothing (seed %i)", async (seed) => {
      const history = createHistory(await open(), createDice(seed));
      for (let step = 0; step < 150; step++) await history.step();
      await history.drain();
    });
  });
}

function createHistory(inbox: Inbox, dice: (sides: number) => number) {
  /** In the order in which they were accepted. */
  const owed: Owed[] = [];
  let held: ClaimedEntry[] = [];
  let nowMs = base;
  let events = 0;

  const find = ({ eventId, destination }: ClaimedEntry) =>
    owed.find((one) => one.eventId === eventId && one.destination === destination);
  const accept = async () => {
    const eventId = `e${events++}`;
    const subject = subjects[dice(subjects.length)];
    const destinations = routes.filter(() => dice(2) === 0);
    if (destinations.length === 0) destinations.push("orders");
    expect(await inbox.accept(event({ eventId, subject, destinations, receivedAtMs: nowMs }))).toBe(
      "accepted",
    );
    for (const destination of destinations) {
      owed.push({ eventId, destination, subject, attempt: 0, dueAtMs: nowMs, state: "open" });
    }
  };
  const check = (entry: ClaimedEntry) => {
    const found = find(entry);
    expect(found, "it is owed").toBeDefined();
    expect(found!.state, "it is not settled").toBe("open");
    expect(found!.dueAtMs, "it is due").toBeLessThanOrEqual(nowMs);
    expect(entry.attempt).toBe(found!.attempt + 1);
    if (entry.subject !== undefined) {
      const before = owed
        .slice(0, owed.indexOf(found!))
        .filter((one) => one.destination === entry.destination && one.subject === entry.subject);
      expect(
        before.filter(({ state }) => state === "open"),
        "none of its subject is before it",
      ).toEqual([]);
    }
    found!.attempt += 1;
    found!.dueAtMs = nowMs + leaseMs;
  };
  const take = async (destination: string, limit: number) => {
    const entries = await claim(inbox, { destination, routes, limit, leaseMs, nowMs });
    expect(entries.length).toBeLessThanOrEqual(limit);
    entries.forEach(check);
    held.push(...entries);
    return entries.length;
  };
  const settle = async (entry: ClaimedEntry, outcome: number) => {
    held = held.filter((one) => one !== entry);
    const found = find(entry)!;
    const isCurrent = found.state === "open" && found.attempt === entry.attempt;
    const delayMs = dice(3_000);
    const settlement = [done(entry), retry(entry, delayMs), dead(entry)][outcome];
    expect(await settleAt(inbox, { settlements: [settlement!], nowMs })).toEqual([isCurrent]);
    if (!isCurrent) return;
    if (outcome === 1) found.dueAtMs = nowMs + delayMs;
    else found.state = outcome === 0 ? "done" : "dead";
  };
  const step = async () => {
    nowMs += dice(600);
    const [action, entry] = [dice(8), held[dice(Math.max(1, held.length))]];
    if (action < 3) await accept();
    else if (action < 6) await take(routes[dice(routes.length)]!, 1 + dice(4));
    // What is left of the held ones crashes: nobody settles it before its lease ends.
    else if (entry !== undefined) await settle(entry, dice(3));
  };
  const drain = async () => {
    for (let round = 0; round < 200 && owed.some(({ state }) => state === "open"); round++) {
      nowMs += 10_000;
      held = [];
      for (const destination of routes) await take(destination, 100);
      for (const entry of held) await settle(entry, 0);
    }
    expect(owed.filter(({ state }) => state === "open")).toEqual([]);
    const dead = owed.filter(({ state }) => state === "dead").length;
    expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead });
  };
  return { step, drain };
}

/** The same throws for the same seed. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}
