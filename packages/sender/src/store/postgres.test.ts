import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { startPostgres, until, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Store } from "../store.ts";
import { describeSubmissions } from "../test-support/submissions.ts";
import { createVault } from "../vault.ts";
import { describeStore, describeTakingAlong, describeVault, type KeptPlace } from "./conformance.ts";
import { createBundle, LEASE_MS, T0 } from "./conformance/bundle.ts";
import { createTestTaker } from "./conformance/serve.ts";
import { createPostgresStore } from "./postgres.ts";

/** Has a worker offer the one endpoint of a new store. */
const serveOne = async (store: Store) => {
  const { addEndpoint, eventOf, lease } = createBundle(() => store);
  const endpoint = await addEndpoint();
  const { owned } = await lease("w1");
  const taker = createTestTaker("w1", owned, [endpoint]);
  store.serve(taker);
  return { eventOf, taker };
};

/** Of a connection in /proc/net/tcp: whether the system asks for the other side before long. */
const isAsked = ([kind, ticks = ""]: readonly string[]) =>
  kind === "02" && Number.parseInt(ticks, 16) <= 3_000;

describeWithServer("postgres", "createPostgresStore", () => {
  let server: PostgresServer;
  let schemas = 0;
  beforeAll(async () => {
    // Every test has a schema of its own, and making one syncs a hundred files.
    server = await startPostgres({ settings: { fsync: "off" } });
  });
  afterAll(() => server.stop());

  const newSchema = () => `hooks ${(schemas += 1)}`;
  /** Whatever else the machine does: how long a verb may take is the matter of other tests. */
  const open = (schema = newSchema(), vault = createVault()) =>
    createPostgresStore({ url: server.url, schema, vault, timeoutMs: 60_000 });
  const sql = async (text: string, values: readonly unknown[] = [], schema = "public") => {
    const client = new Client(server.url);
    await client.connect();
    try {
      await client.query(`SET search_path TO "${schema}"`);
      return (await client.query<Record<string, unknown>>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  };

  /** A session tells of what it did at its end, which may come after that of its pool. */
  const ended = () =>
    until(
      async () => (await sql("SELECT FROM pg_stat_activity WHERE application_name = 'hooks'")).length === 0,
      { what: "the end of every session" },
    );

  describeStore("postgres", async () => open());
  describeTakingAlong("postgres", async () => open());

  const masterKeys = `k1:${randomBytes(32).toString("base64")}`;
  describeStore("postgres, encrypted", async () =>
    open(newSchema(), createVault({ masterKeys, compressFromBytes: 1 })),
  );

  describeVault("postgres", async () => {
    const schema = newSchema();
    const execute: KeptPlace["execute"] = (text, values = []) => {
      let count = 0;
      return sql(
        text.replaceAll("?", () => `$${(count += 1)}`),
        values,
        schema,
      );
    };
    return {
      async open(vault) {
        const store = open(schema, vault);
        await store.selfCheck().catch(async (error: unknown) => {
          await store.close();
          throw error;
        });
        return store;
      },
      execute,
      async dump() {
        const tables = await sql("SELECT tablename FROM pg_tables WHERE schemaname = $1", [schema]);
        const rows = await Promise.all(
          tables.map(({ tablename }) => sql(`SELECT * FROM "${schema}".${String(tablename)}`)),
        );
        const values = rows.flat().flatMap((row) => Object.values(row));
        return Buffer.concat(
          values.map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)))),
        );
      },
    };
  });

  describeSubmissions(async () => {
    const schema = newSchema();
    const store = open(schema);
    await store.selfCheck();
    return { store, table: `"${schema}".outbox`, execute: sql };
  });

  describe("beyond the port", () => {
    it("shares a database between processes that publish the same at the same time", async () => {
      const schema = newSchema();
      const stores = [open(schema), open(schema), open(schema)];
      const { addEndpoint, eventOf } = createBundle(() => stores[0] as Store);
      await addEndpoint();
      const events = Array.from({ length: 40 }, (_, index) => eventOf({ subject: `s${index % 3}` }));
      const publish = (store: Store) => Promise.all(events.map((event) => store.publish([event], T0)));
      const results = (await Promise.all(stores.map(publish))).flat(2);
      expect(results.filter((result) => result.kind === "published" && !result.duplicate)).toHaveLength(40);
      const kept = await stores[1]!.listEvents({ limit: 99 });
      const sequences = (subject: string) =>
        kept.filter((event) => event.subject === subject).map(({ sequence = 0 }) => sequence);
      for (const [subject, count] of [
        ["s0", 14],
        ["s1", 13],
        ["s2", 13],
      ] as const)
        expect(sequences(subject).toSorted((one, other) => one - other)).toEqual(
          Array.from({ length: count }, (_, index) => index + 1),
        );
      expect(await stores[2]!.listDeliveries({ limit: 99 })).toHaveLength(40);
      await Promise.all(stores.map((store) => store.close()));
    });

    it("makes of several that come under one key at the same time one event", async () => {
      const schema = newSchema();
      const stores = [open(schema), open(schema)];
      const { eventOf } = createBundle(() => stores[0] as Store);
      const idempotency = { key: "k", digest: "d" };
      const publish = (store: Store) => store.publish([eventOf({ digest: "d", idempotency })], T0);
      const results = (
        await Promise.all(Array.from({ length: 20 }, (_, index) => publish(stores[index % 2]!)))
      ).flat();
      expect(new Set(results.map(({ id }) => id)).size).toBe(1);
      await Promise.all(stores.map((store) => store.close()));
    });

    it("goes by who is subscribed when it publishes, whoever has changed that and however", async () => {
      const schema = newSchema();
      const [store, other] = [open(schema), open(schema)];
      const here = createBundle(() => store);
      const there = createBundle(() => other);
      const first = await here.addEndpoint();
      const targets = async () => {
        const [result] = await store.publish([here.eventOf({ isFresh: true })], T0);
        return result?.kind === "published" ? result.endpoints.toSorted() : [];
      };
      expect(await targets()).toEqual([first.id]);
      const second = await there.addEndpoint({ id: "ep_second" });
      expect(await targets()).toEqual([first.id, second.id].toSorted());
      await other.changeEndpoint({ ...first, revision: 2, eventTypes: ["order.created"] });
      expect(await targets()).toEqual([second.id]);
      await other.removeEndpoint(second.id, T0);
      expect(await targets()).toEqual([]);
      // As a release does that knows nothing of versions.
      await sql("INSERT INTO subscriptions VALUES ('*', $1, $2, '{}')", [first.subscriber, first.id], schema);
      expect(await targets()).toEqual([first.id]);
      await sql("TRUNCATE subscriptions", [], schema);
      expect(await targets()).toEqual([]);
      await store.addSubscriber({ id: "sub_gone", name: "one", createdAtMs: T0 });
      const toSubscriber = async () =>
        (await store.publish([here.eventOf({ isFresh: true, subscriber: "sub_gone" })], T0)).map(
          ({ kind }) => kind,
        );
      expect([await toSubscriber(), await toSubscriber()]).toEqual([["published"], ["published"]]);
      await sql("DELETE FROM subscribers WHERE id = 'sub_gone'", [], schema);
      expect(await toSubscriber()).toEqual(["subscriber_not_found"]);
      await sql("DELETE FROM audience", [], schema);
      const third = await there.addEndpoint({ id: "ep_third" });
      expect(await targets()).toEqual([third.id]);
      await Promise.all([store.close(), other.close()]);
    });

    it("says that subscriptions have changed only where they have", async () => {
      const schema = newSchema();
      const store = open(schema);
      const endpoint = await createBundle(() => store).addEndpoint();
      const version = async () => (await sql("SELECT version FROM audience", [], schema))[0]?.["version"];
      let [before, revision] = [await version(), 1];
      const hasChanged = async (change: object) => {
        revision += 1;
        expect(await store.changeEndpoint({ ...endpoint, ...change, revision })).toBe(true);
        const now = await version();
        const isOther = now !== before;
        before = now;
        return isOther;
      };
      expect(await hasChanged({ description: "other", state: "paused" })).toBe(false);
      expect(await hasChanged({ eventTypes: ["a.b", "c.d"] })).toBe(true);
      expect(await hasChanged({ eventTypes: ["c.d", "a.b"] })).toBe(false);
      expect(await hasChanged({ eventTypes: ["c.d"] })).toBe(true);
      expect(await hasChanged({ eventTypes: ["c.d"], featureFlags: ["beta"] })).toBe(true);
      const rows = await sql("SELECT pattern, preferences FROM subscriptions", [], schema);
      expect(rows).toEqual([{ pattern: "c.d", preferences: expect.stringContaining("beta") }]);
      await store.close();
    });

    it("publishes in full while subscriptions change all the time", async () => {
      const schema = newSchema();
      const [store, other] = [open(schema), open(schema)];
      const { addEndpoint, eventOf } = createBundle(() => store);
      let endpoint = await addEndpoint();
      const over = new AbortController();
      const change = async (): Promise<void> => {
        while (!over.signal.aborted) {
          const eventTypes = endpoint.eventTypes.length === 0 ? ["invoice.paid"] : [];
          endpoint = { ...endpoint, eventTypes, revision: endpoint.revision + 1 };
          await other.changeEndpoint(endpoint);
        }
      };
      const changed = change();
      for (let count = 0; count < 100; count += 1) {
        const events = Array.from({ length: 3 }, () => eventOf({ isFresh: true, subject: "s" }));
        const results = await store.publish(events, T0);
        expect(results.map((result) => result.kind === "published" && result.deliveries)).toEqual([1, 1, 1]);
      }
      over.abort();
      await changed;
      expect(endpoint.revision).toBeGreaterThan(10);
      expect(await store.listDeliveries({ limit: 500 })).toHaveLength(300);
      await Promise.all([store.close(), other.close()]);
    });

    it("keeps no endpoint that a worker offers for an event that cannot be sealed", async () => {
      const vault = createVault();
      const seal: typeof vault.seal = (value, place, key) => {
        if (place.id === "evt_unsealed") throw new Error("There is no randomness left");
        return vault.seal(value, place, key);
      };
      const store = open(newSchema(), { ...vault, seal });
      const { eventOf, taker } = await serveOne(store);
      await store.publish([eventOf({ isFresh: true })], T0);
      const published = store.publish([eventOf({ isFresh: true, id: "evt_unsealed" })], T0);
      await expect(published).rejects.toThrow("no randomness");
      expect(taker.open()).toBe(0);
      await store.publish([eventOf({ isFresh: true })], T0);
      expect(taker.deliveries()).toHaveLength(1);
      await store.close();
    });

    it("counts an attempt that was settled when its worker was given up, and its shard not yet taken over", async () => {
      const schema = newSchema();
      const store = open(schema);
      const { addEndpoint, eventOf, lease, take, settle } = createBundle(() => store);
      await addEndpoint();
      await store.publish([eventOf()], T0);
      const { owned } = await lease("w1");
      const { deliveries, id } = await take("w1", owned);
      // As who takes the first of its shards over does.
      await sql("DELETE FROM workers WHERE id = 'w1'", [], schema);
      expect(await settle(deliveries, { state: "delivered" }, { batch: id })).toEqual([false]);
      await lease("heir");
      const [delivery] = await store.listDeliveries({ limit: 9 });
      expect(delivery).toMatchObject({ id: deliveries[0]?.id, state: "scheduled", attempts: 1 });
      expect(await store.listAttempts(delivery?.id ?? "")).toMatchObject([{ outcome: "interrupted" }]);
      await store.close();
    });

    it("removes an endpoint without waiting for what is being settled of it, and ends that afterwards", async () => {
      const schema = newSchema();
      const store = open(schema);
      const { addEndpoint, eventOf, lease } = createBundle(() => store);
      const { id } = await addEndpoint();
      for (let count = 0; count < 3; count += 1) await store.publish([eventOf()], T0);
      const deliveries = await store.listDeliveries({ limit: 9 });
      const settling = new Client(server.url);
      await settling.connect();
      await settling.query(`SET search_path TO "${schema}"; BEGIN`);
      await settling.query("SELECT FROM pending WHERE id = $1 FOR UPDATE", [deliveries[1]?.id]);
      expect(await store.removeEndpoint(id, T0)).toBe(true);
      const states = async () => (await store.listDeliveries({ limit: 9 })).map(({ state }) => state);
      expect(await states()).toEqual(["cancelled", "scheduled", "cancelled"]);
      await settling.query("ROLLBACK");
      await settling.end();
      const { owned } = await lease("w1", T0);
      await store.due({ shards: owned, nowMs: T0 });
      expect(await states()).toEqual(["cancelled", "cancelled", "cancelled"]);
      await store.close();
    });

    it("lets nobody take a shard over while something of it is taken with its commit", async () => {
      const schema = newSchema();
      const [store, other] = [open(schema), open(schema)];
      const { eventOf, taker } = await serveOne(store);
      await store.publish([eventOf({ isFresh: true })], T0);
      expect(taker.deliveries()).toEqual([]);
      const event = eventOf({ isFresh: true });
      const blocker = new Client(server.url);
      await blocker.connect();
      await blocker.query(`BEGIN; SET search_path TO "${schema}"`);
      // It waits for the end of another of the same id, when all but that is done.
      await blocker.query(
        `INSERT INTO events (id, type, version, source, published_ms, digest, deliveries, body)
         SELECT $1, type, version, source, published_ms, digest, deliveries, body FROM events`,
        [event.id],
      );
      const waiting = async () =>
        (
          await sql("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1", [
            `%"${schema}"%`,
          ])
        ).map(({ pid }) => pid);
      let looks: readonly unknown[] = [];
      /** Whoever is in a hurry gives up after a tenth of a second, and another waits in its place. */
      const isPatient = async () => {
        const [pid, ...others] = await waiting();
        const isSame = pid !== undefined && others.length === 0 && pid === looks[0];
        looks = isSame ? [...looks, pid] : [pid];
        return looks.length === 3;
      };
      const heir = { id: "heir", host: "elsewhere", pid: 1 };
      // Its lease is over, and nobody has taken its shards over.
      await other.lease({ worker: { ...heir, id: "w1" }, nowMs: T0, leaseMs: 0, maxInterruptions: 3 });
      const published = store.publish([event], T0);
      await until(isPatient, { everyMs: 200, what: "a publisher that waits" });
      let isLeased = false;
      const leased = other
        .lease({ worker: heir, nowMs: T0, leaseMs: LEASE_MS, maxInterruptions: 3 })
        .then(() => (isLeased = true));
      await until(async () => isLeased || (await waiting()).length === 2);
      await blocker.query("ROLLBACK");
      await blocker.end();
      await Promise.all([published, leased]);
      const [along] = taker.deliveries();
      expect(along?.event.id).toBe(event.id);
      expect(await store.getDelivery(along?.id ?? "")).toMatchObject({ attempts: 1 });
      await Promise.all([store.close(), other.close()]);
    });

    it("has what is taken with its commit due by the server's clock, however far ahead its publisher's is", async () => {
      const store = open();
      const { eventOf, taker } = await serveOne(store);
      const nowMs = Date.now() + 3_600_000;
      for (let count = 0; count < 2; count += 1) await store.publish([eventOf({ isFresh: true })], nowMs);
      const [along] = taker.deliveries();
      expect(along?.dueMs).toBeLessThan(nowMs - 60_000);
      expect(along?.createdAtMs).toBe(nowMs);
      await store.close();
    });

    it("knows of every delivery that was taken while its shard was taken over", async () => {
      const store = open();
      const { addEndpoint, eventOf, lease, take } = createBundle(() => store);
      const endpoint = await addEndpoint();
      let nowMs = T0;
      let taken = 0;
      for (let round = 0; round < 40; round += 1) {
        const [event] = await store.publish([eventOf()], nowMs);
        const { owned } = await lease(`w${round}`, nowMs);
        nowMs += LEASE_MS;
        const [batch] = await Promise.all([
          take(`w${round}`, owned, { nowMs, endpoints: [endpoint.id] }),
          lease(`heir${round}`, nowMs),
        ]);
        for (const { id, attempts } of batch.deliveries)
          expect(await store.getDelivery(id)).toMatchObject({ attempts: attempts + 1 });
        taken += batch.deliveries.length;
        for (const { id } of await store.listDeliveries({ limit: 9, event: event?.id ?? "" }))
          await store.cancelDelivery(id, nowMs);
        await store.release(`heir${round}`);
      }
      expect(taken).toBeGreaterThan(0);
      await store.close();
    });

    it("walks along indexes only, also by plans that were made when there was nothing", async () => {
      const schema = newSchema();
      const store = open(schema);
      const { addEndpoint, eventOf, lease, take, settle } = createBundle(() => store);
      const work = async (nowMs: number) => {
        const { owned } = await lease("w1", nowMs);
        const { deliveries, id } = await take("w1", owned, { nowMs, room: 5 });
        await settle(deliveries, { state: "delivered" }, { nowMs, batch: id });
      };
      const scans = async () => {
        const rows = await sql(
          `SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = $1
             AND relname IN ('pending', 'finished', 'events', 'attempts', 'subscriptions', 'renditions', 'outbox', 'idempotency') ORDER BY 1`,
          [schema],
        );
        return rows.map((row) => [row["relname"], Number(row["seq_scan"])]);
      };
      // Making an index reads its table.
      const first = open(schema);
      await first.selfCheck();
      await first.close();
      await ended();
      const before = await scans();
      expect(before).toHaveLength(8);
      for (let count = 0; count < 8; count += 1) await work(T0);
      await store.purge({ beforeMs: T0 + 1, nowMs: T0, limit: 1_000 });
      await addEndpoint();
      await addEndpoint();
      for (let count = 0; count < 5; count += 1)
        await store.publish(
          Array.from({ length: 500 }, () => eventOf()),
          T0,
        );
      for (let count = 0; count < 5; count += 1) await work(T0);
      const purged = await store.purge({ beforeMs: T0 + 1, nowMs: T0, limit: 1_000 });
      expect(purged.hasMore).toBe(true);
      await store.close();
      await ended();
      expect(await scans()).toEqual(before);
    });

    it("removes an event of twenty thousand deliveries in small steps", async () => {
      const schema = newSchema();
      const store = open(schema);
      const { addEndpoint, eventOf } = createBundle(() => store);
      const nowhere = await addEndpoint({ eventTypes: ["order.created"] });
      await store.publish([eventOf({ id: "evt_large", endpoint: nowhere.id })], T0);
      const [kept] = await store.listDeliveries({ limit: 1 });
      await store.cancelDelivery(kept!.id, T0);
      await sql(
        `WITH many AS (
           INSERT INTO finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms)
           SELECT $1 || lpad(number::text, 5, '0'), event, event_type, endpoint, subscriber, 'dead', 2, created_ms, finished_ms
           FROM finished, generate_series(1, 19999) AS number RETURNING id
         ), attempts AS (
           INSERT INTO attempts SELECT id, 1, 0, 0, 'timeout' FROM many
         )
         UPDATE events SET deliveries = 20000, last_delivery = $1 || 'z'`,
        [kept!.id],
        schema,
      );
      const countLeft = async () =>
        Number((await sql("SELECT count(*) FROM finished", [], schema))[0]?.["count"]);
      let left = await countLeft();
      expect(left).toBe(20_000);
      while (left > 0) {
        const before = left;
        await store.purge({ beforeMs: T0 + 1, nowMs: T0, limit: 1_000 });
        left = await countLeft();
        expect(before - left).toBeGreaterThan(0);
        expect(before - left).toBeLessThanOrEqual(1_000);
      }
      expect(await store.getEvent("evt_large")).toBeUndefined();
      expect(await sql("SELECT * FROM attempts", [], schema)).toEqual([]);
      await store.close();
    });

    it("tells a worker at once of what another process publishes, also after its connection was lost", async () => {
      const schema = newSchema();
      const [store, other] = [open(schema), open(schema)];
      const { id } = await createBundle(() => other).addEndpoint();
      const heard: (readonly string[])[] = [];
      let shards = 0;
      const stop = store.hear(
        (endpoints) => heard.push(endpoints),
        () => (shards += 1),
      );
      // Once it listens it says that it may have missed something.
      await until(() => heard.length === 1);
      other.announce([id]);
      other.announce([id, "ep_other"]);
      await until(() => heard.length === 2);
      expect(heard).toEqual([[], [id, "ep_other"]]);
      await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
      await until(() => heard.length === 3);
      other.announce(Array.from({ length: 1_000 }, (_, index) => `ep_${index}`));
      await until(() => heard.length === 4);
      expect(heard.slice(2)).toEqual([[], []]);
      await sql("SELECT pg_notify($1, 'not of ours')", [schema]);
      await until(() => heard.length === 5);
      expect(shards).toBe(0);
      const { lease } = createBundle(() => other);
      await lease("w1");
      await until(() => shards === 1);
      await lease("w1");
      await other.release("w1");
      await until(() => shards === 2);
      expect(heard).toHaveLength(5);
      stop();
      await Promise.all([store.close(), other.close()]);
    });

    it.skipIf(process.platform !== "linux")(
      "asks within half a minute whether a server that says nothing is still there (by the /proc of Linux)",
      async () => {
        const store = open();
        let heard = 0;
        store.hear(
          () => (heard += 1),
          () => {},
        );
        await until(() => heard === 1);
        // Of each connection to this server: what the system does by itself ("02": asks), and in how many hundredths of a second.
        const port = server.port.toString(16).toUpperCase().padStart(4, "0");
        const timers = () =>
          readFileSync("/proc/self/net/tcp", "utf8")
            .split("\n")
            .map((line) => line.trim().split(/\s+/))
            .filter(([, , remote = "", state]) => remote.endsWith(`:${port}`) && state === "01")
            .map(([, , , , , timer = ""]) => timer.split(":"));
        // One that has sent something just now waits for its receipt.
        await until(() => timers().length > 0 && timers().every(isAsked));
        await store.close();
      },
    );

    it("waits for no publisher, and sends what one has added behind another that has come to its end since", async () => {
      const schema = newSchema();
      const store = open(schema);
      const { addEndpoint, eventOf, lease, take, settle } = createBundle(() => store);
      await addEndpoint({ ordering: "subject" });
      await addEndpoint({ ordering: "endpoint" });
      const { owned } = await lease("w1");
      await store.publish([eventOf({ subject: "a" })], T0);
      const first = await take("w1", owned);
      expect(first.deliveries).toHaveLength(2);
      const client = new Client(server.url);
      await client.connect();
      await client.query("BEGIN");
      await store.publish([eventOf({ id: "evt_late", subject: "a" })], T0, client);
      await settle(first.deliveries, { state: "delivered" });
      expect((await take("w1", owned)).deliveries).toEqual([]);
      await client.query("COMMIT");
      await client.end();
      const second = await take("w1", owned);
      expect(second.deliveries.map(({ event }) => event.id)).toEqual(["evt_late", "evt_late"]);
      await store.close();
    });

    it("rejects with storage_unavailable once it is closed", async () => {
      const store = open();
      await store.getSubscriber("sub_1");
      await store.close();
      await expect(store.getSubscriber("sub_1")).rejects.toMatchObject({ code: "storage_unavailable" });
      await expect(store.publish([], T0)).rejects.toMatchObject({ code: "storage_unavailable" });
    });
  });
});
