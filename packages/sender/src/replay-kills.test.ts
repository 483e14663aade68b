import { createTemporaryFolder, startPostgres, startSink, until, type Sink } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Replay } from "./core/replay.ts";
import type { Store } from "./store.ts";
import { createBundle, T0 } from "./store/conformance/bundle.ts";
import { createPostgresStore } from "./store/postgres.ts";
import { createSqliteStore } from "./store/sqlite.ts";
import { createFleet } from "./test-support/fleet.ts";

const COUNT = 240;
const KILLS = 4;
const SECRETS = [{ value: `whsec_${Buffer.alloc(32).toString("base64")}`, createdAtMs: T0 }];
/** In a hurry, and forgiving to what was in flight at a kill. */
const WORKER = { leaseMs: 1_000, heartbeatMs: 200, pollMs: 50, maxInterruptions: 100 };

let sink: Sink;
beforeEach(async () => {
  sink = await startSink();
});
afterEach(() => sink.close());

/** A replay of everything that died at an endpoint, which nobody has begun. */
async function prepare(store: Store): Promise<string> {
  // Not so long ago that it is removed for its age.
  const nowMs = Date.now() - 60_000;
  const { addEndpoint, eventOf, lease, take, settle } = createBundle(() => store);
  const endpoint = await addEndpoint({ url: sink.url, secrets: SECRETS });
  await store.publish(
    Array.from({ length: COUNT }, () => eventOf()),
    nowMs,
  );
  const { owned } = await lease("before", nowMs);
  const { deliveries, id: batch } = await take("before", owned, { room: COUNT, nowMs });
  await settle(deliveries, { state: "dead", reason: "schedule_exhausted" }, { batch, nowMs });
  await store.release("before");
  const replay: Replay = {
    id: "rpl_1",
    filter: {
      subscriber: endpoint.subscriber,
      endpoint: endpoint.id,
      eventTypes: [],
      states: ["dead"],
      toMs: Date.now(),
    },
    perSecond: COUNT / 3,
    state: "running",
    selected: COUNT,
    isCounted: true,
    replayed: 0,
    skipped: 0,
    createdAtMs: Date.now(),
  };
  await store.addReplay(replay);
  return replay.id;
}

/** Carried out by processes each of which is killed when it has sent some. */
async function carryOut(place: string, store: Store): Promise<void> {
  const id = await prepare(store);
  const fleet = createFleet(place);
  const replay = async () => (await store.getReplay(id))!;
  try {
    for (let kills = 1; kills <= KILLS; kills += 1) {
      const worker = await fleet.start({ name: `w${kills}`, worker: WORKER });
      await until(() => sink.requests.length >= (COUNT * kills) / (KILLS + 2), { timeoutMs: 120_000 });
      await worker.kill();
    }
    expect((await replay()).state).toBe("running");
    await fleet.start({ name: "last", worker: WORKER });
    const isOver = async () =>
      (await store.listDeliveries({ limit: COUNT + 1, state: "delivered" })).length === COUNT;
    await until(isOver, { timeoutMs: 120_000, what: "every delivery" });
    await until(async () => (await replay()).state === "finished");
  } finally {
    await fleet.close();
  }
  expect(await replay()).toMatchObject({ state: "finished", replayed: COUNT, skipped: 0 });
}

/** Every event was requested as often as attempts say: once, and once more for each that a kill interrupted. */
async function expectNothingTwice(store: Store): Promise<void> {
  const requests = Map.groupBy(sink.requests, ({ headers }) => String(headers["webhook-id"]));
  const deliveries = await store.listDeliveries({ limit: COUNT + 1 });
  expect(deliveries).toHaveLength(COUNT);
  for (const { id, event } of deliveries) {
    const outcomes = (await store.listAttempts(id)).map(({ outcome }) => outcome);
    const interrupted = outcomes.filter((outcome) => outcome === "interrupted").length;
    expect(outcomes).toEqual(["http_status", ...Array(interrupted).fill("interrupted"), "delivered"]);
    const sent = requests.get(event)?.length ?? 0;
    expect(sent).toBeGreaterThanOrEqual(1);
    expect(sent).toBeLessThanOrEqual(1 + interrupted);
  }
}

describe("a replay on SQLite", () => {
  it("sends everything, and nothing twice but what was in flight, however often it is killed", async () => {
    const folder = createTemporaryFolder();
    const path = join(folder.path, "sender.db");
    const store = createSqliteStore({ path });
    await carryOut(path, store);
    await expectNothingTwice(store);
    await store.close();
    folder.remove();
  });
});

describeWithServer("postgres", "a replay on PostgreSQL", () => {
  it("sends everything, and nothing twice but what was in flight, however often it is killed", async () => {
    const server = await startPostgres({ settings: { fsync: "off" } });
    const store = createPostgresStore({ url: server.url, timeoutMs: 60_000 });
    await carryOut(server.url, store);
    await expectNothingTwice(store);
    await store.close();
    await server.stop();
  });
});
