import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claim, dead, done, event } from "./inbox/conformance/given.ts";
import type { Inbox } from "./inbox.ts";
import { createSqliteInbox } from "./inbox/sqlite.ts";
import { createReplayLog, type LogPage } from "./replay-log.ts";

const startMs = Date.UTC(2026, 0, 1);
const minute = 60_000;

describe("createReplayLog", () => {
  let inbox: Inbox;
  beforeEach(() => {
    inbox = createSqliteInbox({ path: ":memory:", keptEvents: 1_000 });
  });
  afterEach(() => inbox.close());

  const accept = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const eventType = ["invoice.paid", "invoice.voided", undefined][index % 3];
      const body = Buffer.from(JSON.stringify({ type: "customer.created" }));
      const receivedAtMs = startMs + index * minute;
      await inbox.accept(event({ eventId: `e${index}`, eventType, body, receivedAtMs }));
    }
  };

  it("finds events by state, type, time and id, a page at a time", async () => {
    await accept(250);
    const log = createReplayLog(inbox);
    const all = { source: "billing", state: "waiting" } as const;
    const first = await log.list({ ...all, type: "invoice.*", limit: 100 });
    const second = await log.list({ ...all, type: "invoice.*", limit: 100, after: first.next });
    expect([first.events.length, second.events.length, second.next]).toEqual([100, 67, undefined]);
    expect(ids(second)).not.toEqual(expect.arrayContaining(ids(first).slice(0, 1)));
    expect(ids(await log.list({ ...all, type: "customer.created", limit: 2 }))).toEqual(["e2", "e5"]);
    const [from, to] = [new Date(startMs + 200 * minute), new Date(startMs + 203 * minute)];
    expect(ids(await log.list({ ...all, from, to }))).toEqual(["e200", "e201", "e202"]);
    expect(ids(await log.list({ ...all, eventId: "e249" }))).toEqual(["e249"]);
    expect(await log.list({ ...all, state: "done" })).toEqual({ events: [], next: undefined });
  });

  it("replays what is done, to the destinations it is told", async () => {
    await accept(205);
    for (let round = 0; round < 3; round++) await inbox.settle((await claim(inbox)).map(done));
    const log = createReplayLog(inbox);
    const filter = { source: "billing", state: "done", type: "invoice.paid" } as const;
    expect(await log.replay({ ...filter, destinations: ["audit"] })).toBe(69);
    expect(await inbox.depth("billing")).toEqual({ waiting: 69, dead: 0 });
    const again = await claim(inbox, { destination: "audit" });
    expect(again).toHaveLength(69);
    expect(new Set(again.map(({ eventType }) => eventType))).toEqual(new Set(["invoice.paid"]));
  });

  it("replays dead letters to the destination that did not get them", async () => {
    await accept(3);
    const routes = ["orders", "audit"];
    for (const destination of routes) {
      await inbox.settle((await claim(inbox, { destination, routes })).map(dead));
    }
    const log = createReplayLog(inbox);
    const filter = { source: "billing", state: "dead", destination: "audit" } as const;
    expect((await log.list(filter)).events[0]).toMatchObject({
      destination: "audit",
      reason: "refused by ünï",
      attempts: 1,
    });
    expect(await log.replay({ ...filter, destinations: [] })).toBe(3);
    expect(await claim(inbox, { routes })).toEqual([]);
    expect(await claim(inbox, { destination: "audit", routes })).toHaveLength(3);
    expect(await inbox.depth("billing")).toEqual({ waiting: 3, dead: 3 });
  });

  it("tells of what waits or is done whom it is dead for", async () => {
    await accept(3);
    const routes = ["orders", "audit"];
    const [, second] = await claim(inbox, { routes });
    await inbox.settle([dead(second!)]);
    const log = createReplayLog(inbox);
    const deadFor = async (state: "waiting" | "done" | "dead", limit?: number) => {
      const { events } = await log.list({ source: "billing", state, limit });
      return events.map((one) => [one.eventId, one.deadFor]);
    };
    expect(await deadFor("waiting")).toEqual([
      ["e0", undefined],
      ["e1", ["orders"]],
      ["e2", undefined],
    ]);
    await inbox.settle((await claim(inbox, { destination: "audit", routes })).map(dead));
    expect(await deadFor("done")).toEqual([["e1", ["orders", "audit"]]]);
    expect(await deadFor("waiting", 1)).toEqual([["e0", ["audit"]]]);
    expect((await deadFor("dead")).map(([, names]) => names)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("discards the dead letters that fit, and no others", async () => {
    await accept(250);
    for (let round = 0; round < 3; round++) await inbox.settle((await claim(inbox)).map(dead));
    const log = createReplayLog(inbox);
    const filter = { source: "billing", state: "dead" } as const;
    expect(await log.discard({ ...filter, type: "invoice.*" })).toBe(167);
    expect(await inbox.depth("billing")).toEqual({ waiting: 0, dead: 83 });
    expect(ids(await log.list({ ...filter, limit: 2 }))).toEqual(["e2", "e5"]);
    expect(await log.discard({ ...filter, type: "invoice.*" })).toBe(0);
  });
});

const ids = ({ events }: LogPage) => events.map(({ eventId }) => eventId);
