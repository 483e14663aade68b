import { startPostgres, until, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSender } from "../../sender.ts";
import { contractsOf } from "../../test-support/contracts.ts";
import type { Transport } from "../../transport.ts";
import { createBundle, T0 } from "../conformance/bundle.ts";
import { createPostgresStore } from "../postgres.ts";

const contracts = contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } });

describeWithServer("postgres", "a PostgreSQL that fails", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: "off" } });
  });
  afterAll(() => server.stop());

  /** Patient by default, whatever else the machine does. */
  const open = (timeoutMs = 60_000) => createPostgresStore({ url: server.url, timeoutMs, maxConnections: 4 });

  it("is found unsafe when it does not sync, and safe otherwise", async () => {
    const store = open();
    const findings = await store.selfCheck();
    expect(findings.map(({ level }) => level).toSorted()).toEqual(["ok", "ok", "ok", "unsafe"]);
    expect(findings).toContainEqual({ level: "unsafe", message: "PostgreSQL fsync is off" });
    await store.close();
  });

  it("refuses while it is gone, also at the first call, and goes on when it is back", async () => {
    const store = open();
    const late = open();
    const { addEndpoint, eventOf } = createBundle(() => store);
    await addEndpoint();
    await server.kill();
    const unavailable = { code: "storage_unavailable", name: "StoreUnavailableError" };
    await expect(store.publish([eventOf()], T0)).rejects.toMatchObject(unavailable);
    await expect(store.due({ shards: [], nowMs: T0 })).rejects.toMatchObject(unavailable);
    await expect(late.getSubscriber("sub_1")).rejects.toMatchObject(unavailable);
    await server.restart();
    expect(await store.publish([eventOf()], T0)).toMatchObject([{ kind: "published", deliveries: 1 }]);
    expect(await late.listDeliveries({ limit: 9 })).toHaveLength(1);
    await store.close();
    await late.close();
  });

  it("refuses while it hangs, and keeps once what is published again afterwards", async () => {
    const store = open(200);
    const { eventOf } = createBundle(() => store);
    const before = await until(() => store.listEvents({ limit: 99 }));
    const event = eventOf({ id: "evt_while_hanging" });
    server.pause();
    const publishes = Array.from({ length: 20 }, () => store.publish([event], T0));
    for (const outcome of await Promise.allSettled(publishes))
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "storage_unavailable" } });
    server.resume();
    const [again] = await until(() => store.publish([event], T0));
    expect(again).toMatchObject({ kind: "published", id: event.id });
    expect(await until(() => store.listEvents({ limit: 99 }))).toHaveLength(before.length + 1);
    await store.close();
  });

  it("loses a connection without losing the others or the process", async () => {
    const store = open();
    const { eventOf } = createBundle(() => store);
    await Promise.all(Array.from({ length: 5 }, () => store.listEvents({ limit: 1 })));
    await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hooks'");
    const [published] = await until(() => store.publish([eventOf()], T0));
    expect(published).toMatchObject({ kind: "published", duplicate: false });
    await store.close();
  });

  it("answers with an error while somebody else has locked everything", async () => {
    const store = open(200);
    const { eventOf } = createBundle(() => store);
    await until(() => store.listEvents({ limit: 1 }));
    const holder = new Client(server.url);
    await holder.connect();
    await holder.query("BEGIN; LOCK TABLE hooks.events");
    await expect(store.publish([eventOf()], T0)).rejects.toMatchObject({ code: "storage_unavailable" });
    await holder.query("ROLLBACK");
    await holder.end();
    expect(await until(() => store.publish([eventOf()], T0))).toMatchObject([{ kind: "published" }]);
    await store.close();
  });

  it("delivers everything that was acknowledged, whenever it is killed, and goes on by itself", async () => {
    const sent = new Map<string, number>();
    const transport: Transport = {
      checkUrl: () => ({ ok: true }),
      async send({ event }) {
        sent.set(event.id, (sent.get(event.id) ?? 0) + 1);
        return { outcome: "delivered", durationMs: 1, status: 200 };
      },
      close: async () => {},
    };
    const store = createPostgresStore({ url: server.url, schema: "killed" });
    const sender = createSender({ store, contracts, transport, worker: { heartbeatMs: 200, pollMs: 50 } });
    const { id: subscriber } = await until(() => sender.subscribers.create({ name: "one" }));
    for (let count = 0; count < 5; count += 1)
      await until(() => sender.endpoints.create({ subscriber, url: "https://example.com/hooks" }));
    await sender.start();
    const acknowledged = new Set<string>();
    let refused = 0;
    const end = new AbortController();
    const publish = async (publisher: number) => {
      for (let count = 0; !end.signal.aborted; count += 1) {
        const id = `evt_${publisher}_${count}`;
        await sender.publish({ type: "invoice.paid", id, data: { object: { id } } }).then(
          () => acknowledged.add(id),
          (error: { code?: string }) => {
            expect(error.code).toBe("storage_unavailable");
            refused += 1;
          },
        );
      }
    };
    const publishers = Array.from({ length: 8 }, (_, publisher) => publish(publisher));
    for (let kill = 1; kill <= 3; kill += 1) {
      await until(() => acknowledged.size > 50 * kill);
      const before = refused;
      await server.kill();
      await until(() => refused > before);
      await server.restart();
    }
    await until(() => acknowledged.size > 200);
    end.abort();
    await Promise.all(publishers);
    const areAllDelivered = async () => {
      const delivered = await deliveredFiveTimes();
      return [...acknowledged].every((id) => delivered.has(id));
    };
    await until(areAllDelivered, { timeoutMs: 90_000, what: "every delivery" });
    for (const id of acknowledged) expect(sent.get(id)).toBeGreaterThanOrEqual(5);
    await sender.stop();
  });

  async function deliveredFiveTimes(): Promise<ReadonlySet<string>> {
    const { rows } = await sql(
      "SELECT event FROM killed.finished WHERE state = 'delivered' GROUP BY event HAVING count(*) = 5",
    );
    return new Set(rows.map((row) => String(row.event)));
  }

  async function sql(text: string) {
    const client = new Client(server.url);
    await client.connect();
    const result = await client.query(text);
    await client.end();
    return result;
  }
});
