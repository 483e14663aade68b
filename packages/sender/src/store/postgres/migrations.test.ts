import { startPostgres, until, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createBundle, T0 } from "../conformance/bundle.ts";
import { createPostgresStore } from "../postgres.ts";
import { MIGRATIONS } from "./schema.ts";

describeWithServer("postgres", "migrate", () => {
  let server: PostgresServer;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: "off" } });
    client = new Client(server.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  /** Everything in it, by names that do not say where it is. */
  const describeSchema = async (schema: string) =>
    (
      await client.query(
        `SELECT thing, part, replace(replace(said, '"', ''), $1 || '.', '') AS said, collation_name, is_nullable
         FROM (
           SELECT table_name, column_name, data_type, collation_name, is_nullable FROM information_schema.columns
             WHERE table_schema = $1
           UNION ALL
           SELECT tablename, indexname, indexdef, NULL, NULL FROM pg_indexes WHERE schemaname = $1
           UNION ALL
           SELECT relname, tgname, pg_get_triggerdef(pg_trigger.oid), NULL, NULL
             FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
             WHERE relnamespace = $1::regnamespace AND NOT tgisinternal
           UNION ALL
           SELECT proname, '', prosrc, NULL, NULL FROM pg_proc WHERE pronamespace = $1::regnamespace
         ) AS found (thing, part, said, collation_name, is_nullable)
         ORDER BY 1, 2`,
        [schema],
      )
    ).rows as readonly unknown[];

  /** As a release made it that knew only so many migrations. */
  const createOlder = async (schema: string, version: number) => {
    const scripts = MIGRATIONS.slice(0, version).map((script) => script.replaceAll("hooks.", `${schema}.`));
    await client.query(`
      CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.schema_version (version integer NOT NULL);
      INSERT INTO ${schema}.schema_version VALUES (${version}); ${scripts.join("\n")}`);
  };

  it("comes to the same schema from that of every release before", async () => {
    const described: (readonly unknown[])[] = [];
    for (const version of MIGRATIONS.keys()) {
      const schema = `from_${version}`;
      // Before the first there was nothing.
      if (version > 0) await createOlder(schema, version);
      const store = createPostgresStore({ url: server.url, timeoutMs: 60_000, schema });
      await store.listEvents({ limit: 1 });
      await store.close();
      described.push(await describeSchema(schema));
    }
    for (const schema of described) expect(schema).toEqual(described[0]);
  });

  it("knows who was subscribed before, and hears of what the release before changes beside it", async () => {
    await createOlder("beside", MIGRATIONS.length - 1);
    await client.query(`
      INSERT INTO beside.subscriptions (pattern, subscriber, endpoint, preferences) VALUES ('*', 'sub_1', 'ep_1', '{}')`);
    const store = createPostgresStore({ url: server.url, timeoutMs: 60_000, schema: "beside" });
    const { eventOf } = createBundle(() => store);
    const targets = async () => {
      const [result] = await store.publish([eventOf({ isFresh: true })], T0);
      return result?.kind === "published" ? result.endpoints : [];
    };
    expect([await targets(), await targets()]).toEqual([["ep_1"], ["ep_1"]]);
    await client.query("UPDATE beside.subscriptions SET endpoint = 'ep_2'");
    expect([await targets(), await targets()]).toEqual([["ep_2"], ["ep_2"]]);
    await client.query("DELETE FROM beside.subscriptions");
    expect([await targets(), await targets()]).toEqual([[], []]);
    await store.close();
  });

  it("is done once by several that start together", async () => {
    const stores = Array.from({ length: 6 }, () =>
      createPostgresStore({ url: server.url, timeoutMs: 60_000, schema: "together" }),
    );
    await Promise.all(stores.map((store) => store.listEvents({ limit: 1 })));
    const { rows } = await client.query("SELECT version FROM together.schema_version");
    expect(rows).toEqual([{ version: MIGRATIONS.length }]);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("comes to the same schema when it was killed at any statement", async () => {
    const whole = createPostgresStore({ url: server.url, timeoutMs: 60_000, schema: "whole" });
    await whole.listEvents({ limit: 1 });
    await whole.close();
    // The n-th try is killed after its n-th statement that defines something; a sequence counts also what is rolled back.
    await client.query(`
      CREATE SEQUENCE tries; CREATE SEQUENCE statements; SELECT nextval('tries');
      CREATE FUNCTION kill() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('application_name') = 'hooks' AND nextval('public.statements') >= currval_of_tries() THEN
          PERFORM setval('public.statements', 1, false);
          PERFORM nextval('public.tries');
          PERFORM pg_terminate_backend(pg_backend_pid());
        END IF;
      END $$;
      CREATE FUNCTION currval_of_tries() RETURNS bigint LANGUAGE sql AS 'SELECT last_value FROM public.tries';
      ALTER FUNCTION kill() SET search_path = public;
      CREATE EVENT TRIGGER kill ON ddl_command_end EXECUTE FUNCTION kill()`);
    const store = createPostgresStore({ url: server.url, timeoutMs: 60_000, schema: "killed" });
    let kills = 0;
    for (let isDone = false; !isDone;) {
      isDone = await store.listEvents({ limit: 1 }).then(
        () => true,
        () => false,
      );
      if (!isDone) kills += 1;
      if (kills > 500) throw new Error("It is never done");
    }
    await store.close();
    await client.query("DROP EVENT TRIGGER kill");
    const tables = await describeSchema("whole");
    expect(kills).toBeGreaterThan(20);
    expect(await describeSchema("killed")).toEqual(tables);
    expect(tables.length).toBeGreaterThan(100);
  });

  it("is waited for by who asks what the store finds about itself, and by nobody else for long", async () => {
    const [quick, patient] = [100, 60_000].map((timeoutMs) =>
      createPostgresStore({ url: server.url, timeoutMs, schema: "slow" }),
    );
    // Another process migrates, for as long as this transaction.
    await client.query("BEGIN; SELECT pg_advisory_xact_lock(7236415, hashtext('slow'))");
    const isWaiting = async () => {
      await quick!.listEvents({ limit: 1 }).catch(() => {});
      const { rowCount } = await client.query(
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
      );
      return rowCount === 1;
    };
    await until(isWaiting);
    const checked = quick!.selfCheck().then(
      () => "checked",
      () => "refused",
    );
    await expect(quick!.listEvents({ limit: 1 })).rejects.toMatchObject({
      code: "storage_unavailable",
      message: expect.stringContaining("still being prepared"),
    });
    expect(await Promise.race([checked, "waiting"])).toBe("waiting");
    await client.query("COMMIT");
    expect(await patient!.selfCheck()).toHaveLength(4);
    await Promise.all([checked, quick!.close(), patient!.close()]);
  });

  it("refuses a database of a newer release", async () => {
    const first = createPostgresStore({ url: server.url, timeoutMs: 60_000, schema: "newer" });
    await first.listEvents({ limit: 1 });
    await first.close();
    await client.query("UPDATE newer.schema_version SET version = version + 1");
    const store = createPostgresStore({ url: server.url, timeoutMs: 60_000, schema: "newer" });
    await expect(store.selfCheck()).rejects.toThrow(/newer release/);
    await store.close();
  });
});
