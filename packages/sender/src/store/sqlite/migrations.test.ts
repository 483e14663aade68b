import { spawn } from "node:child_process";
import { hash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteStore } from "../sqlite.ts";
import { migrate, MIGRATIONS } from "./migrations.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hooks-migrations-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A database of the first schema, with an endpoint, and a delivery of each kind, as that release wrote them. */
function createFirst(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`${MIGRATIONS[0]}; PRAGMA user_version = 1`);
  const endpoint = {
    id: "ep_1",
    subscriber: "sub_1",
    url: "https://example.com",
    description: "",
    eventTypes: [],
    headers: {},
    secrets: [{ value: "whsec_x", createdAtMs: 1 }],
    state: "active",
    revision: 3,
    createdAtMs: 1,
    updatedAtMs: 1,
  };
  database.exec("INSERT INTO subscribers VALUES ('sub_1', 'one', 1)");
  database
    .prepare("INSERT INTO endpoints VALUES ('ep_1', 'sub_1', 41, 'active', 3, ?)")
    .run(JSON.stringify(endpoint));
  database.exec(`
    INSERT INTO subscriptions VALUES ('*', 'sub_1', 'ep_1');
    INSERT INTO events VALUES ('evt_1', 'a.b', '2.0.0', 's', NULL, NULL, NULL, 1, 'd', 'dlv_1', 'dlv_2', X'7B7D');
    INSERT INTO pending VALUES (41, 'ep_1', 1, 'dlv_1', 'evt_1', 'a.b', 'sub_1', 0, 0, 0, 1);
    INSERT INTO finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms)
      VALUES ('dlv_2', 'evt_1', 'a.b', 'ep_1', 'sub_1', 'delivered', 1, 1, 1);
  `);
  database.close();
}

/** Everything that a database says of its tables, and all that is in them. */
function contentsOf(path: string) {
  const database = new DatabaseSync(path, { readOnly: true });
  const schema = database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all();
  const tables = schema.filter(({ type, sql }) => type === "table" && sql !== null);
  const rows = tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${String(name)}"`).all()]);
  const version = database.prepare("PRAGMA user_version").get();
  database.close();
  return { schema, rows, version };
}

function readIfThere(path: string): Uint8Array {
  return existsSync(path) ? readFileSync(path) : new Uint8Array();
}

/** Migrates, and gives copies of what a process that is killed at any of its statements leaves behind. */
function migrateAndCopy(path: string): readonly string[] {
  const copies: string[] = [];
  let last = "";
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL");
  // Asked several times for each statement, before it is run.
  database.setAuthorizer(() => {
    const files = ["", "-wal"].map((suffix) => readIfThere(`${path}${suffix}`));
    const state = files.map((bytes) => hash("sha256", bytes)).join();
    if (state !== last) {
      const copy = join(folder, `killed-${copies.length}.db`);
      for (const [index, suffix] of ["", "-wal"].entries())
        writeFileSync(`${copy}${suffix}`, files[index] ?? "");
      copies.push(copy);
    }
    last = state;
    return constants.SQLITE_OK;
  });
  migrate(database);
  database.setAuthorizer(null);
  database.close();
  return copies;
}

describe("migrate", () => {
  it("keeps what a database of the first schema says, and goes on sending it as it was", async () => {
    const path = join(folder, "sender.db");
    createFirst(path);
    const store = createSqliteStore({ path });
    expect(await store.getEndpoint("ep_1")).toMatchObject({ revision: 3, versions: {}, featureFlags: [] });
    const deliveries = await store.listDeliveries({ limit: 9 });
    expect(deliveries.map(({ id, version }) => [id, version])).toEqual([
      ["dlv_2", "2.0.0"],
      ["dlv_1", "2.0.0"],
    ]);
    expect(await store.retryDelivery("dlv_1", 2)).toMatchObject({ state: "scheduled", version: "2.0.0" });
    await store.close();
  });

  it.each([
    ["nothing", 0],
    ["the first schema", 1],
  ] as const)("comes to the same when it is killed at any statement on its way from %s", (_, version) => {
    const path = join(folder, "sender.db");
    if (version === 1) createFirst(path);
    const copies = migrateAndCopy(path);
    const whole = contentsOf(path);
    // Each script is kept whole, or not at all.
    expect(copies.length).toBeGreaterThanOrEqual(MIGRATIONS.length - version);
    for (const copy of copies) {
      const database = new DatabaseSync(copy);
      migrate(database);
      database.close();
      expect(contentsOf(copy)).toEqual(whole);
    }
  });

  it("is done once by several processes that start together", async () => {
    const path = join(folder, "sender.db");
    const code = `
      import { createSqliteStore } from ${JSON.stringify(new URL("../sqlite.ts", import.meta.url).href)};
      process.stdout.write("ready");
      await new Promise((resolve) => process.stdin.once("data", resolve));
      const store = createSqliteStore({ path: ${JSON.stringify(path)} });
      await store.addSubscriber({ id: "sub_" + process.pid, name: "", createdAtMs: 1 });
      await store.close();
      process.exit();`;
    const processes = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const ended = processes.map((child) => once(child, "exit"));
    await Promise.all(processes.map(({ stdout }) => once(stdout, "data")));
    for (const { stdin } of processes) stdin.write("go");
    expect((await Promise.all(ended)).map(([status]) => Number(status))).toEqual(processes.map(() => 0));
    const store = createSqliteStore({ path });
    expect(await store.listSubscribers({ limit: 9 })).toHaveLength(processes.length);
    await store.close();
  });

  it("refuses a database of a newer release", () => {
    const database = new DatabaseSync(":memory:");
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    expect(() => migrate(database)).toThrow(/newer release/);
  });
});
