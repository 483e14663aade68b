import { startPostgres, type PostgresServer } from "@hooks/testkit";
import { describeWithServer } from "@hooks/testkit/vitest";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
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
    const describeSchema = async (schema: string) =>
      (
        await client.query(
          `SELECT table_name, column_name, data_type, collation_name, is_nullable FROM information_schema.columns
             WHERE table_schema = $1
           UNION ALL
           SELECT tablename, indexname, replace(indexdef, $1 || '.', ''), NULL, NULL FROM pg_indexes WHERE schemaname = $1
           ORDER BY 1, 2`,
          [schema],
        )
      ).rows as readonly unknown[];
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
