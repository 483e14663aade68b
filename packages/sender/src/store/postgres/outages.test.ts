import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres, until, whyNoMount, type PostgresServer } from "@hooks/testkit";
import { describeUnless, describeWithServer } from "@hooks/testkit/vitest";
import { Client } from "pg";
import { afterAll, beforeAll, it } from "vitest";
import { proveOutage } from "../../test-support/outage.ts";
import { createPostgresStore } from "../postgres.ts";

/** A statement or several, by the superuser. */
type Sql = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

interface Outage {
  readonly begin: (server: PostgresServer, sql: Sql) => Promise<unknown>;
  readonly end: (server: PostgresServer, sql: Sql) => Promise<unknown>;
}

const CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'";

const OUTAGES: Readonly<Record<string, Outage>> = {
  "has no connection left": {
    begin: (_, sql) => sql(`ALTER ROLE app CONNECTION LIMIT 0; ${CUT}`),
    end: (_, sql) => sql("ALTER ROLE app CONNECTION LIMIT -1"),
  },
  "can only be read": {
    begin: (_, sql) => sql(`ALTER ROLE app SET default_transaction_read_only = on; ${CUT}`),
    end: (_, sql) => sql(`ALTER ROLE app RESET default_transaction_read_only; ${CUT}`),
  },
  "does not know its user any more": {
    begin: (_, sql) => sql(`ALTER ROLE app NOLOGIN; ${CUT}`),
    end: (_, sql) => sql("ALTER ROLE app LOGIN"),
  },
  "does not answer": {
    begin: async (server) => server.pause(),
    end: async (server) => server.resume(),
  },
  "is restarted as after a failover, on another timeline": {
    async begin(server, sql) {
      const [row] = await sql("SHOW data_directory");
      await sql("ALTER SYSTEM SET restore_command = 'false'");
      await server.kill();
      // It recovers, finds no more to recover from, and goes on as one that was promoted.
      writeFileSync(join(String(row?.["data_directory"]), "recovery.signal"), "");
    },
    async end(server, sql) {
      await server.restart();
      const isPromoted = async () => {
        // Refused as long as it recovers.
        const [row] = await sql("SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline");
        return row?.["timeline"] === "00000002";
      };
      await until(isPromoted, { timeoutMs: 120_000, what: "the promotion" });
    },
  },
};

const DISK: Outage = {
  begin: async (server) => server.disk.fill(),
  end: async (server) => server.disk.free(),
};

describeWithServer("postgres", "a PostgreSQL with an outage", () => {
  let server: PostgresServer;
  const sql: Sql = async (text) => {
    const client = new Client(server.url);
    await client.connect();
    try {
      return (await client.query(text)).rows ?? [];
    } finally {
      await client.end();
    }
  };
  beforeAll(async () => {
    server = await startPostgres();
    await sql("CREATE ROLE app LOGIN; GRANT ALL ON DATABASE postgres TO app");
  });
  afterAll(() => server.stop());

  it.each(Object.entries(OUTAGES))(
    "that %s: publishers are told, and everything acknowledged is sent afterwards",
    async (name, outage) => {
      await sql("DROP SCHEMA IF EXISTS hooks CASCADE");
      await prove({ name, outage, server, sql });
    },
  );
});

describeUnless(whyNoMount(), {
  title: "with a disk that can be filled",
  body: () =>
    describeWithServer("postgres", "a PostgreSQL", () => {
      it("that has no space left: publishers are told, and everything acknowledged is sent afterwards", async () => {
        const server = await startPostgres({ diskMebibytes: 24 });
        const sql: Sql = async (text) => {
          const client = new Client(server.url);
          await client.connect();
          await client.query(text).finally(() => client.end());
          return [];
        };
        await sql("CREATE ROLE app LOGIN; GRANT ALL ON DATABASE postgres TO app");
        await sql(`CREATE TABLESPACE small OWNER app LOCATION '${server.diskFolder}'`);
        await sql("ALTER ROLE app SET default_tablespace = small");
        await prove({ name: "full", outage: DISK, server, sql });
        await server.stop();
      });
    }),
});

interface Proof {
  readonly name: string;
  readonly outage: Outage;
  readonly server: PostgresServer;
  readonly sql: Sql;
}

function prove({ name, outage, server, sql }: Proof): Promise<void> {
  const url = server.url.replace(/\/\/[^@]*@/, "//app@");
  return proveOutage({
    name,
    store: createPostgresStore({ url }),
    begin: () => outage.begin(server, sql),
    end: () => outage.end(server, sql),
  });
}
