import { until } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import type { ContractIssue, Contracts } from "../contracts.ts";
import { createSender } from "../sender.ts";
import type { Store } from "../store.ts";
import type { Transport } from "../transport.ts";
import { contractsOf } from "./contracts.ts";

/** A new store, and how another program that knows nothing of it reaches its tables. */
export interface StoreWithSql {
  readonly store: Store;
  /** The `outbox` table, as it is written in SQL. */
  readonly table: string;
  readonly execute: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

const known = contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } });
/** Said as generated contracts say it: with its pointer at the front. */
const missing: ContractIssue = {
  code: "missing_member",
  pointer: "/data/object",
  keyword: "required",
  expected: "a value",
  received: "nothing",
  message: "/data/object: expected a value, received nothing.",
};
const contracts: Contracts = {
  ...known,
  validateEvent(event) {
    const result = known.validateEvent(event);
    return result.ok || result.code !== "schema_violation" ? result : { ...result, issues: [missing] };
  },
};
const valid = (id: string) => `'${JSON.stringify({ object: { id } })}'`;

/** A sender with an endpoint, and what was sent to it. */
async function begin({ store, table, execute }: StoreWithSql) {
  const sent: { id: string; body: string }[] = [];
  const transport: Transport = {
    checkUrl: () => ({ ok: true }),
    async send({ event }) {
      sent.push({ id: event.id, body: Buffer.from(event.body).toString() });
      return { outcome: "delivered", durationMs: 1, status: 200 };
    },
    close: async () => {},
  };
  const sender = createSender({ store, contracts, transport, worker: { pollMs: 20 } });
  const { id: subscriber } = await sender.subscribers.create({ name: "one" });
  await sender.endpoints.create({ subscriber, url: "https://example.com/hooks" });
  const isEmpty = async () =>
    (await execute(`SELECT 1 FROM ${table} WHERE refused_code IS NULL`)).length === 0;
  return { sender, sent, table, execute, subscriber, isEmpty };
}

/** What becomes of rows that other programs write. */
export function describeSubmissions(open: () => Promise<StoreWithSql>): void {
  describePublishing(open);
  describeRefusing(open);
  describeRefusals(open);
}

function describePublishing(open: () => Promise<StoreWithSql>): void {
  describe("the outbox table", () => {
    it("is published in its order, whatever wrote it", async () => {
      const { sender, sent, table, execute, isEmpty } = await begin(await open());
      const values = Array.from(
        { length: 250 },
        (_, index) => `('invoice.paid', ${valid(`inv_${index}`)}, 's')`,
      );
      await execute(`INSERT INTO ${table} (type, data, subject) VALUES ${values.join()}`);
      await sender.start();
      await until(() => sent.length === 250);
      await until(isEmpty);
      const bodies = sent.map(
        ({ body }) => JSON.parse(body) as { sequence: number; data: { object: unknown } },
      );
      for (const { sequence, data } of bodies) expect(data.object).toEqual({ id: `inv_${sequence - 1}` });
      expect(new Set(sent.map(({ id }) => id)).size).toBe(250);
      expect(await execute(`SELECT 1 FROM ${table}`)).toEqual([]);
      await sender.stop();
    });

    it("is published in its order also together with much else", async () => {
      const { store, ...place } = await open();
      const others: Promise<unknown>[] = [];
      const listSubmitted = async (limit: number) => {
        const rows = await store.listSubmitted(limit);
        const event = { type: "invoice.paid", data: { object: { id: "other" } } };
        if (rows.length > 0) others.push(sender.publishBatch(Array.from({ length: 150 }, () => event)));
        return rows;
      };
      const { sender, table, execute, isEmpty } = await begin({
        ...place,
        store: { ...store, listSubmitted },
      });
      const values = Array.from(
        { length: 1_000 },
        (_, index) => `('invoice.paid', ${valid("inv")}, 's', 'evt_${index}')`,
      );
      await execute(`INSERT INTO ${table} (type, data, subject, event_id) VALUES ${values.join()}`);
      await sender.start();
      await until(isEmpty, { timeoutMs: 90_000 });
      await Promise.all(others);
      const numbers = new Map<string, number | undefined>();
      for (let after: string | undefined = "~"; after !== undefined;) {
        const page = await sender.events.list({ limit: 1_000, after });
        for (const { id, sequence } of page) numbers.set(id, sequence);
        after = page.at(-1)?.id;
      }
      const inOrder = values.map((_, index) => numbers.get(`evt_${index}`));
      expect(inOrder.filter((number, index) => number !== index + 1).slice(0, 9)).toEqual([]);
      await sender.stop();
    });
  });
}

function describeRefusing(open: () => Promise<StoreWithSql>): void {
  describe("the outbox table", () => {
    it("keeps what is refused, with the reason, and holds up nothing for it", async () => {
      const { sender, sent, table, execute, subscriber, isEmpty } = await begin(await open());
      await sender.publish({ type: "invoice.paid", id: "evt_known", data: { object: { id: "inv" } } });
      const rows = [
        ["'invoice.paid'", "'{}'", "'evt_a'", "NULL"],
        ["'invoice.lost'", valid("x"), "'evt_b'", "NULL"],
        ["'invoice.paid'", valid("x"), "'not an id'", "NULL"],
        ["'invoice.paid'", valid("other"), "'evt_known'", "NULL"],
        ["'invoice.paid'", valid("x"), "'evt_c'", "'sub_none'"],
        ["'invoice.paid'", valid("x"), "'evt_good'", `'${subscriber}'`],
      ];
      for (const row of rows)
        await execute(`INSERT INTO ${table} (type, data, event_id, subscriber) VALUES (${row.join()})`);
      await sender.start();
      await until(async () => (await isEmpty()) && sent.length === 2);
      expect(sent.map(({ id }) => id).toSorted()).toEqual(["evt_good", "evt_known"]);
      const refused = await execute(`SELECT refused_code, refused_message FROM ${table} ORDER BY number`);
      expect(refused.map((row) => row["refused_code"])).toEqual([
        "schema_violation",
        "unknown_version",
        "validation_failed",
        "event_id_conflict",
        "subscriber_not_found",
      ]);
      const faults = /\n\/data\/object: expected a value[^]*\n\/id: Expected 1 to 64 characters/;
      expect(refused.map((row) => row["refused_message"]).join("\n")).toMatch(faults);
      // Set right and made new, it is tried again.
      await execute(
        `UPDATE ${table} SET data = ${valid("right")}, refused_code = NULL WHERE event_id = 'evt_a'`,
      );
      await until(() => sent.some(({ id }) => id === "evt_a"));
      await sender.stop();
    });

    it("is published once where the process ended before the row was removed", async () => {
      const { sender, sent, table, execute, isEmpty } = await begin(await open());
      const insert = `INSERT INTO ${table} (type, data, event_id, happened_at) VALUES
        ('invoice.paid', ${valid("inv")}, 'evt_1', '2026-11-20T12:00:00.123Z')`;
      await execute(insert);
      await sender.start();
      await until(isEmpty);
      await execute(insert);
      await until(isEmpty);
      await until(() => sent.length > 0);
      expect(await execute(`SELECT 1 FROM ${table}`)).toEqual([]);
      expect(await sender.events.list({ limit: 9 })).toHaveLength(1);
      expect(JSON.parse(sent[0]?.body ?? "")).toMatchObject({ timestamp: "2026-11-20T12:00:00.123Z" });
      await sender.stop();
      expect(sent).toHaveLength(1);
    });
  });
}

/** How long rows that were refused stay. */
function describeRefusals(open: () => Promise<StoreWithSql>): void {
  describe("a refused row of the outbox table", () => {
    it("stays as long as events do, from the refusal on", async () => {
      const { store, table, execute } = await open();
      const insert = (id: string) =>
        execute(`INSERT INTO ${table} (type, data, event_id, happened_at) VALUES
          ('invoice.paid', '{}', '${id}', '2001-01-01T00:00:00.000Z')`);
      await insert("evt_refused");
      const submitted = await store.listSubmitted(9);
      const refused = submitted.map(({ number }) => ({ number, code: "c", message: "m" }));
      await store.endSubmitted({ published: [], refused, nowMs: 5_000 });
      await insert("evt_waiting");
      const purge = (beforeMs: number) => store.purge({ beforeMs, nowMs: beforeMs, limit: 9 });
      await purge(5_000);
      expect(await execute(`SELECT 1 FROM ${table}`)).toHaveLength(2);
      await purge(5_001);
      expect(await execute(`SELECT event_id FROM ${table}`)).toEqual([{ event_id: "evt_waiting" }]);
      await store.close();
    });
  });
}
