import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, until } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRetentionChore } from "./retention.ts";
import { createSender } from "./sender.ts";
import type { PurgeRequest, Store } from "./store.ts";
import { createBundle } from "./store/conformance/bundle.ts";
import { createPostgresStore } from "./store/postgres.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { contractsOf } from "./test-support/contracts.ts";

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
const T0 = 1_800_000_000_000;

let folder: string;
let store: Store;
let nowMs: number;
const now = () => nowMs;
const open = () => createSqliteStore({ path: join(folder, "sender.db") });
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hooks-retention-"));
  store = open();
  nowMs = T0;
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const publish = (count: number) => {
  const { eventOf } = createBundle(() => store);
  const events = Array.from({ length: count }, (_, index) => eventOf({ id: `evt_${nowMs}_${index}` }));
  return store.publish(events, nowMs);
};
const countEvents = async () => (await store.listEvents({ limit: 1_000 })).length;

describe("createRetentionChore", () => {
  it("does a little at a time until all that is too old is gone, and leaves the rest", async () => {
    await publish(450);
    nowMs += 1;
    await publish(3);
    nowMs += DAY_MS;
    const chore = createRetentionChore({ store, days: 1 });
    const left: number[] = [];
    do left.push(await countEvents());
    while (await chore(nowMs));
    expect(left).toEqual([453, 253, 53, 3]);
    expect(await countEvents()).toBe(3);
  });

  it("rests for an hour after a sweep, also when the clock is set back", async () => {
    await publish(1);
    nowMs += DAY_MS;
    const chore = createRetentionChore({ store, days: 1 });
    expect(await chore(nowMs)).toBe(false);
    nowMs += HOUR_MS - 1;
    expect(await chore(nowMs)).toBe(false);
    expect(await countEvents()).toBe(1);
    nowMs += 1;
    expect(await chore(nowMs)).toBe(true);
    expect(await chore(nowMs)).toBe(false);
    expect(await countEvents()).toBe(0);
    nowMs -= 9 * DAY_MS;
    await publish(1);
    nowMs += DAY_MS + 1;
    expect(await chore(nowMs)).toBe(true);
    expect(await countEvents()).toBe(0);
  });

  it("keeps events for 90 days when nothing is said, and for ever when that is said", async () => {
    await publish(1);
    nowMs += 90 * DAY_MS;
    expect(await createRetentionChore({ store })(nowMs)).toBe(false);
    nowMs += 1;
    expect(await createRetentionChore({ store, days: 0 })(nowMs)).toBe(false);
    expect(await countEvents()).toBe(1);
    expect(await createRetentionChore({ store })(nowMs)).toBe(true);
    expect(await countEvents()).toBe(0);
  });

  it("refuses what would remove events that are new", () => {
    for (const days of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => createRetentionChore({ store, days })).toThrow(RangeError);
  });
});

describe("createSender", () => {
  it("removes what is too old while it delivers", async () => {
    await publish(3);
    nowMs += 2 * DAY_MS;
    await publish(1);
    const contracts = contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } });
    const sender = createSender({
      store: open(),
      contracts,
      now,
      retention: { days: 1 },
      worker: { pollMs: 20 },
    });
    await sender.start();
    await until(async () => (await countEvents()) === 1);
    await sender.stop();
  });
});

describeWithServer("postgres", "a sender on PostgreSQL whose clock is far ahead", () => {
  const rightNow = Date.now;
  afterEach(() => {
    Date.now = rightNow;
  });

  it("goes by the clock of the server, and removes nothing before its time", async () => {
    const server = await startPostgres();
    const shared = createPostgresStore({ url: server.url, timeoutMs: 60_000 });
    const asked: PurgeRequest[] = [];
    const purge: Store["purge"] = async (request) => {
      asked.push(request);
      return shared.purge(request);
    };
    const contracts = contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } });
    Date.now = () => rightNow() + 400 * DAY_MS;
    const sender = createSender({ store: { ...shared, purge }, contracts, worker: { pollMs: 20 } });
    const { eventOf } = createBundle(() => shared);
    await shared.publish([eventOf({ id: "evt_1" })], rightNow());
    await sender.start();
    await until(() => asked.length > 0);
    await sender.stopDelivering();
    expect(asked.filter(({ nowMs }) => nowMs > rightNow() + HOUR_MS)).toEqual([]);
    expect(await shared.getEvent("evt_1")).toMatchObject({ id: "evt_1" });
    await sender.stop();
    await server.stop();
  });
});
