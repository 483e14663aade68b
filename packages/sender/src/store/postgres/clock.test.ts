import { startPostgres, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Store } from "../../store.ts";
import { createBundle, T0 } from "../conformance/bundle.ts";
import { createPostgresStore } from "../postgres.ts";

const DAY_MS = 24 * 3_600_000;

describeWithServer("postgres", "clocks beside that of PostgreSQL", () => {
  let server: PostgresServer;
  let store: Store;
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: "off" } });
    store = createPostgresStore({ url: server.url, timeoutMs: 60_000 });
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  it("are told the time by it", async () => {
    const before = Date.now();
    const worker = { id: "w1", host: "elsewhere", pid: 1 };
    const { storeMs } = await store.lease({ worker, nowMs: 0, leaseMs: 10_000, maxInterruptions: 3 });
    const after = Date.now();
    await store.release("w1");
    expect(storeMs).toBeGreaterThanOrEqual(before);
    // PostgreSQL counts microseconds, and Date.now() leaves them out.
    expect(storeMs).toBeLessThan(after + 1);
  });

  it.each(["none", "subject"] as const)(
    "that are ahead delay nothing that is published or retried by them (%s)",
    async (ordering) => {
      const { addEndpoint, eventOf, lease, take, settle } = createBundle(() => store);
      const endpoint = await addEndpoint({ id: `ep_${ordering}`, subscriber: `sub_${ordering}`, ordering });
      const { subscriber } = endpoint;
      const event = eventOf({ id: `evt_${ordering}`, subscriber, subject: "one" });
      await store.publish([event], Date.now() + DAY_MS);
      const { owned } = await lease("w2");
      const endpoints = [endpoint.id];
      const takeNow = () => take("w2", owned, { nowMs: Date.now(), endpoints });
      const { deliveries, id } = await takeNow();
      expect(deliveries).toHaveLength(1);
      await settle(deliveries, { state: "scheduled", dueMs: Date.now() + DAY_MS }, { batch: id });
      expect((await takeNow()).deliveries).toEqual([]);
      await store.retryDelivery(deliveries[0]!.id, Date.now() + DAY_MS);
      expect((await takeNow()).deliveries).toHaveLength(1);
    },
  );

  it("that are behind are believed: what they publish is due, and as old as they say", async () => {
    const { addEndpoint, eventOf } = createBundle(() => store);
    const { subscriber } = await addEndpoint({ id: "ep_behind", subscriber: "sub_behind" });
    await store.publish([eventOf({ id: "evt_behind", subscriber })], T0);
    expect(await store.listDeliveries({ limit: 1, event: "evt_behind" })).toMatchObject([
      { createdAtMs: T0, dueMs: T0 },
    ]);
  });
});
