import type { Database, Statement } from "./database.ts";
import { MIGRATIONS } from "./schema.ts";

/** Names the lock that migrating processes of one schema wait for; the number is arbitrary and stays. */
const LOCK = 7_236_415;

const STATEMENTS = {
  isNew: {
    name: "is_new",
    text: "SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_version'",
  },
  version: { name: "schema_version", text: "SELECT version FROM hooks.schema_version" },
  lock: { name: "migration_lock", text: "SELECT pg_advisory_xact_lock($1, hashtext($2))" },
} as const satisfies Record<string, Statement>;

function isNewest(version: number): boolean {
  if (version <= MIGRATIONS.length) return version === MIGRATIONS.length;
  const known = `schema ${version}, known ${MIGRATIONS.length}`;
  throw new Error(`The database was written by a newer release (${known})`);
}

/**
 * Brings the schema to the newest version. All of it is one transaction under a lock, so a process that is killed at any
 * statement leaves what was there before, and of two that start together one does it and the other waits.
 */
export async function migrate(database: Database, schema: string): Promise<void> {
  const versionOf = async (query: Database["query"]): Promise<number> => {
    const exists = (await query(STATEMENTS.isNew, [schema])).length > 0;
    if (!exists) return 0;
    const [row] = await query(STATEMENTS.version, []);
    return Number(row?.["version"] ?? 0);
  };
  if (isNewest(await versionOf(database.query))) return;
  await database.transaction(async ({ query }) => {
    await query(STATEMENTS.lock, [LOCK, schema]);
    const version = await versionOf(query);
    if (isNewest(version)) return;
    const run = (text: string) => query({ name: "", text }, []);
    if (version === 0) await run(FIRST(schema));
    for (const script of MIGRATIONS.slice(version)) await run(script);
    await run(`UPDATE hooks.schema_version SET version = ${MIGRATIONS.length}`);
  });
}

/** A role that may not make schemas can be given one. */
const FIRST = (schema: string) => `
  DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = ${quoted(schema)}) THEN
      EXECUTE format('CREATE SCHEMA %I', ${quoted(schema)});
    END IF;
  END $$;
  CREATE TABLE hooks.schema_version (version integer NOT NULL);
  INSERT INTO hooks.schema_version VALUES (0)`;

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
