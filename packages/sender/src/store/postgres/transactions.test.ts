import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { startPostgres, until, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import knexOf from "knex";
import { Kysely, PostgresDialect, sql } from "kysely";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createSender, type Sender } from "../../sender.ts";
import type { Transaction } from "../../store.ts";
import { contractsOf } from "../../test-support/contracts.ts";
import { inDrizzle, inKnex, inKysely } from "../../test-support/transactions.ts";
import type { Transport } from "../../transport.ts";
import { createPostgresStore } from "../postgres.ts";
import { createSqliteStore } from "../sqlite.ts";

const contracts = contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } });
const eventOf = (id: string) => ({ type: "invoice.paid", subject: "inv", id, data: { object: { id } } });

describeWithServer("postgres", "publishing in a transaction of the caller's", () => {
  let server: PostgresServer;
  let pool: Pool;
  let sender: Sender;
  let sent: string[];
  beforeAll(async () => {
    server = await startPostgres();
    pool = new Pool({ connectionString: server.url });
    await pool.query("CREATE TABLE invoices (id text PRIMARY KEY)");
    pool.on("error", () => {});
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });
  beforeEach(async () => {
    await pool.query("DROP SCHEMA IF EXISTS hooks CASCADE; TRUNCATE invoices");
    sent = [];
  });

  const transport: Transport = {
    checkUrl: () => ({ ok: true }),
    send: async ({ event }) => {
      sent.push(event.id);
      return { outcome: "delivered", durationMs: 1, status: 200 };
    },
    close: async () => {},
  };
  const open = (store = createPostgresStore({ url: server.url, timeoutMs: 60_000 })) =>
    // It would look for itself only after the test is over: what is sent, it was told of.
    createSender({
      store,
      contracts,
      transport,
      worker: { pollMs: 3_600_000, heartbeatMs: 1_200_000, leaseMs: 3_600_000 },
    });
  const begin = async () => {
    sender = open();
    const { id: subscriber } = await sender.subscribers.create({ name: "one" });
    await sender.endpoints.create({ subscriber, url: "https://example.com/hooks" });
    await sender.start();
  };

  /** One that begins, does something of its own, publishes, and ends as it is told. */
  type Run = (id: string, end: "commit" | "roll back") => Promise<unknown>;
  const runs: Readonly<Record<string, () => { readonly run: Run; readonly close: () => Promise<unknown> }>> =
    {
      pg: () => ({
        async run(id, end) {
          const client = await pool.connect();
          try {
            await client.query("BEGIN");
            await client.query("INSERT INTO invoices VALUES ($1)", [id]);
            await sender.publish(eventOf(id), { transaction: client });
            await client.query(end === "commit" ? "COMMIT" : "ROLLBACK");
          } finally {
            client.release();
          }
        },
        close: async () => {},
      }),
      kysely: () => {
        const database = new Kysely<unknown>({
          dialect: new PostgresDialect({ pool: new Pool({ connectionString: server.url }) }),
        });
        const run: Run = (id, end) =>
          database.transaction().execute(async (trx) => {
            await sql`INSERT INTO invoices VALUES (${id})`.execute(trx);
            await sender.publish(eventOf(id), { transaction: inKysely(trx) });
            if (end === "roll back") throw new RolledBack();
          });
        return { run, close: () => database.destroy() };
      },
      drizzle: () => {
        const own = new Pool({ connectionString: server.url });
        const database = drizzle(own);
        const run: Run = (id, end) =>
          database.transaction(async (tx) => {
            await tx.execute(`INSERT INTO invoices VALUES ('${id}')`);
            await sender.publish(eventOf(id), { transaction: inDrizzle(tx) });
            if (end === "roll back") throw new RolledBack();
          });
        return { run, close: () => own.end() };
      },
      knex: () => {
        const database = knexOf({ client: "pg", connection: server.url });
        const run: Run = (id, end) =>
          database.transaction(async (trx) => {
            await trx("invoices").insert({ id });
            await sender.publish(eventOf(id), { transaction: inKnex(trx) });
            if (end === "roll back") throw new RolledBack();
          });
        return { run, close: () => database.destroy() };
      },
    };

  it.each(Object.keys(runs))(
    "sends what %s commits, as soon as it does, and never what it rolls back",
    async (name) => {
      await begin();
      const { run, close } = runs[name]!();
      await run("evt_no", "roll back").catch((error: unknown) => expect(error).toBeInstanceOf(RolledBack));
      await run("evt_yes", "commit");
      await run("evt_too", "commit");
      await until(() => sent.length === 2);
      expect(sent).toEqual(["evt_yes", "evt_too"]);
      expect(await sender.events.get("evt_no")).toBeUndefined();
      // A number that was rolled back is not missing.
      expect((await sender.events.get("evt_too"))?.sequence).toBe(2);
      await close();
      await sender.stop();
    },
  );

  /** What comes of publishing in it; nothing is kept. */
  const tryIn = async (transaction: Transaction) => {
    const result = await sender.publish(eventOf("evt_1"), { transaction }).then(
      () => "published",
      (error: { code?: string }) => error.code,
    );
    expect(await sender.events.list({ limit: 9 })).toEqual([]);
    return result;
  };

  describe("a transaction that it cannot join", () => {
    it("is one that has not begun, a pool, or one on another database", async () => {
      sender = open();
      await sender.events.list({ limit: 1 });
      const client = new Client(server.url);
      await client.connect();
      expect(await tryIn(client)).toBe("transaction_not_usable");
      expect(await tryIn(pool)).toBe("transaction_not_usable");
      await client.query("CREATE DATABASE elsewhere");
      await client.end();
      const other = new Client(server.url.replace(/[^/]*$/, "elsewhere"));
      await other.connect();
      await other.query("BEGIN");
      expect(await tryIn(other)).toBe("transaction_not_usable");
      await other.end();
      await sender.stop();
    });

    it("is any for a store on SQLite", async () => {
      sender = open(createSqliteStore({ path: ":memory:" }));
      expect(await tryIn({ query: async () => ({ rows: [] }) })).toBe("transaction_not_supported");
      await sender.stop();
    });
  });

  it("leaves the transaction as it was where publishing is refused", async () => {
    sender = open();
    const client = await pool.connect();
    await sender.publish(eventOf("evt_1"));
    await client.query("BEGIN");
    await client.query("INSERT INTO invoices VALUES ('kept')");
    const other = { ...eventOf("evt_1"), data: { object: { id: "other" } } };
    await expect(sender.publish(other, { transaction: client })).rejects.toMatchObject({
      code: "event_id_conflict",
    });
    const both = [eventOf("evt_2"), other];
    await expect(sender.publishBatch(both, { transaction: client })).rejects.toMatchObject({
      code: "event_id_conflict",
    });
    await expect(
      sender.publish({ ...other, id: "evt_3", data: {} }, { transaction: client }),
    ).rejects.toMatchObject({
      code: "schema_violation",
    });
    await client.query("COMMIT");
    client.release();
    expect((await pool.query("SELECT id FROM invoices")).rows).toEqual([{ id: "kept" }]);
    expect((await sender.events.list({ limit: 9 })).map(({ id }) => id)).toEqual(["evt_1"]);
    await sender.stop();
  });

  it("publishes an id once that two transactions publish at the same time", async () => {
    sender = open();
    const [first, second] = [await pool.connect(), await pool.connect()];
    await first.query("BEGIN");
    await second.query("BEGIN");
    expect(await sender.publish(eventOf("evt_1"), { transaction: first })).toMatchObject({
      duplicate: false,
    });
    const waiting = sender.publish(eventOf("evt_1"), { transaction: second });
    await first.query("COMMIT");
    expect(await waiting).toMatchObject({ duplicate: true });
    await second.query("COMMIT");
    first.release();
    second.release();
    expect((await sender.events.get("evt_1"))?.sequence).toBe(1);
    await sender.stop();
  });

  /** What a transaction may hold, so that whoever publishes the like waits for its end, and what it is not. */
  const holds: Readonly<Record<string, { readonly held: object; readonly free: (index: number) => object }>> =
    {
      "a subject": { held: { subject: "known" }, free: (index) => ({ subject: `s${index}` }) },
      "a subject that is new": { held: { subject: "new" }, free: (index) => ({ subject: `s${index}` }) },
      "an id": { held: { id: "evt_held" }, free: (index) => ({ id: `evt_${index}` }) },
      "a key": { held: { idempotencyKey: "held" }, free: (index) => ({ idempotencyKey: `k${index}` }) },
      "an endpoint in order": { held: { subscriber: "ordered" }, free: () => ({ subscriber: "other" }) },
    };

  it.each(Object.entries(holds))(
    "that holds %s keeps nobody else from publishing",
    async (_, { held, free }) => {
      sender = open();
      const subscribers: Record<string, string> = {};
      for (const name of ["ordered", "other"]) {
        const { id: subscriber } = await sender.subscribers.create({ name });
        const ordering = name === "ordered" && "subscriber" in held ? "endpoint" : "none";
        await sender.endpoints.create({ subscriber, url: "https://example.com/hooks", ordering });
        subscribers[name] = subscriber;
      }
      const publish = (given: object, options?: { readonly transaction: Transaction }) => {
        const subscriber =
          "subscriber" in given ? { subscriber: subscribers[String(given.subscriber)] ?? "" } : {};
        const event = { type: "invoice.paid", data: { object: { id: "inv" } }, ...given, ...subscriber };
        return sender.publish(event, options);
      };
      await publish({ subject: "known" });
      const client = new Client(server.url);
      onTestFinished(() => client.end());
      await client.connect();
      await client.query("BEGIN");
      const first = await publish(held, { transaction: client });
      for (let round = 0; round < 3; round += 1) {
        const waiting = Array.from({ length: 3 }, () => publish(held));
        for (const one of waiting) one.catch(() => {});
        const others = Array.from({ length: 40 }, (__, index) => publish(free(40 * round + index)));
        const [one] = await Promise.all(others);
        expect(one).toMatchObject({ duplicate: false });
        if (round < 2) continue;
        await client.query("COMMIT");
        const answers = await Promise.all(waiting);
        const isOne = "id" in held || "idempotencyKey" in held;
        expect(answers.map(({ duplicate }) => duplicate)).toEqual(answers.map(() => isOne));
        expect(answers.every(({ id }) => (id === first.id) === isOne)).toBe(true);
      }
      const ordered = (await sender.events.list({ limit: 999 })).filter(
        ({ subject }) => subject !== undefined,
      );
      for (const [subject, events] of Map.groupBy(ordered, (event) => event.subject))
        expect([
          subject,
          events.map(({ sequence }) => sequence).toSorted((one, other) => (one ?? 0) - (other ?? 0)),
        ]).toEqual([subject, events.map((__, index) => index + 1)]);
      await sender.stop();
    },
  );

  it("that holds a subject keeps no rows of the outbox table that are of others", async () => {
    sender = open(createPostgresStore({ url: server.url, timeoutMs: 5_000 }));
    await until(() => sender.publish(eventOf("evt_0")));
    const look = () => pool.query("NOTIFY hooks, '[]'");
    const client = new Client(server.url);
    onTestFinished(() => client.end());
    await client.connect();
    await client.query("BEGIN");
    await sender.publish(eventOf("evt_1"), { transaction: client });
    await pool.query(`
      INSERT INTO hooks.outbox (event_id, type, subject, data) VALUES
        ('evt_2', 'invoice.paid', 'inv', '{"object":{"id":"x"}}'), ('evt_3', 'invoice.paid', 'other', '{"object":{"id":"x"}}')`);
    await sender.start();
    // Where both were held up together, as on a server that stood still, the other is published with the next look.
    await until(async () => (await look()) && sender.events.get("evt_3"), {
      timeoutMs: 90_000,
      everyMs: 100,
    });
    const early = await until(async () => ({ kept: await sender.events.get("evt_2") }));
    expect(early).toEqual({ kept: undefined });
    await client.query("COMMIT");
    await look();
    const kept = await until(() => sender.events.get("evt_2"));
    expect(kept).toMatchObject({ sequence: 3 });
    await sender.stop();
  });

  it("asks for no more rights than the README says", async () => {
    sender = open(createPostgresStore({ url: server.url, timeoutMs: 60_000 }));
    await sender.events.list({ limit: 1 });
    await pool.query(`
      DROP ROLE IF EXISTS app; CREATE ROLE app LOGIN;
      GRANT USAGE ON SCHEMA hooks TO app;
      GRANT INSERT, SELECT ON hooks.outbox TO app`);
    const client = new Client(server.url.replace("hooks@", "app@"));
    await client.connect();
    const insert = `INSERT INTO hooks.outbox (type, data) VALUES ('invoice.paid', '{"object":{"id":"x"}}') RETURNING event_id`;
    const [row] = (await client.query<{ event_id: string }>(insert)).rows;
    expect(row?.event_id).toMatch(/^evt_[0-9A-HJKMNP-TV-Z]{26}$/);
    await client.query("BEGIN");
    await expect(sender.publish(eventOf("evt_1"), { transaction: client })).rejects.toMatchObject({
      code: "transaction_not_usable",
    });
    await client.query("ROLLBACK");
    await pool.query("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hooks TO app");
    // Made by a release that came after the rights were given; and to the store all is known that it remembers.
    await pool.query("REVOKE ALL ON hooks.audience FROM app");
    for (const id of ["evt_2", "evt_3"]) await sender.publish(eventOf(id));
    await client.query("BEGIN");
    await sender.publish(eventOf("evt_1"), { transaction: client });
    await client.query("COMMIT");
    await client.end();
    expect(await sender.events.get("evt_1")).toMatchObject({ id: "evt_1", sequence: 3 });
    await pool.query("DROP OWNED BY app; DROP ROLE app");
    await sender.stop();
  });

  const idsIn = async (table: string) =>
    (await pool.query(`SELECT id FROM ${table} ORDER BY id COLLATE "C"`)).rows.map((row) => String(row.id));

  it("has published what was committed and nothing else, wherever the process was killed", async () => {
    await begin();
    let acknowledged = 0;
    for (const lines of [1, 2, 3, 4, 8, 12, 200, 700, 1_500])
      acknowledged += await killAfter(lines, server.url);
    const committed = await idsIn("invoices");
    expect(await idsIn("hooks.events")).toEqual(committed);
    expect(committed.length).toBeGreaterThanOrEqual(acknowledged);
    await until(() => sent.length === committed.length, { timeoutMs: 90_000 });
    expect(sent.toSorted()).toEqual(committed);
    await sender.stop();
  });
});

describe("the README", () => {
  it("shows the ways into transactions of query builders as they are tested", () => {
    const shown = read("../../../README.md");
    for (const [way] of read("../../test-support/transactions.ts").matchAll(/^export const[^]*?^\}\);$/gm))
      expect(shown).toContain(way.replace("export ", ""));
  });
});

class RolledBack extends Error {}

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

/** Has a process publish in one transaction after the other, a third of them rolled back, and kills it after so many lines. */
async function killAfter(lines: number, url: string): Promise<number> {
  const code = `
    import { Client } from "pg";
    import { createSender } from ${at("../../sender.ts")};
    import { createPostgresStore } from ${at("../postgres.ts")};
    import { contractsOf } from ${at("../../test-support/contracts.ts")};
    const contracts = contractsOf({ "invoice.paid": { versions: { "1.0.0": {} } } });
    const sender = createSender({ store: createPostgresStore({ url: ${JSON.stringify(url)}, timeoutMs: 60000 }), contracts });
    const client = new Client(${JSON.stringify(url)});
    await client.connect();
    for (let count = 0; ; count += 1) {
      const id = \`evt_\${process.pid}_\${count}\`;
      await client.query("BEGIN");
      await client.query("INSERT INTO invoices VALUES ($1)", [id]);
      console.log("written");
      await sender.publish({ type: "invoice.paid", id, data: { object: { id } } }, { transaction: client });
      console.log("published");
      await client.query(count % 3 === 2 ? "ROLLBACK" : "COMMIT");
      console.log(count % 3 === 2 ? "rolled back" : "committed");
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    cwd: new URL(".", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const seen: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(line);
    if (seen.length === lines) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return seen.filter((line) => line === "committed").length;
}
