import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
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

  it("refuses a database of a newer release", () => {
    const database = new DatabaseSync(":memory:");
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    expect(() => migrate(database)).toThrow(/newer release/);
  });
});
