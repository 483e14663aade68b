import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTemporaryFolder } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import { shardOf } from "../../core/sharding.ts";
import { createVault } from "../../vault.ts";
import { createSeals } from "../seals.ts";
import { createCommitQueue } from "./commit-queue.ts";
import { openDatabase } from "./database.ts";
import { createRecords } from "./records.ts";

const COLUMNS = "id, event, event_type, endpoint, subscriber, attempts, created_ms";

/** Finishes the scheduled delivery over a connection of its own, as soon as somebody has read what is scheduled. */
function finishWhenRead(database: DatabaseSync, path: string): void {
  const other = new DatabaseSync(path);
  const prepare = database.prepare.bind(database);
  const finish = () =>
    other.exec(
      `BEGIN; INSERT INTO finished (${COLUMNS}, state, finished_ms) SELECT ${COLUMNS}, 'delivered', 2 FROM pending;
       INSERT OR IGNORE INTO finished_spans SELECT endpoint, substr(id, 1, 13) FROM finished; DELETE FROM pending; COMMIT`,
    );
  database.prepare = (sql) => {
    const statement = prepare(sql);
    if (!/^SELECT .* FROM pending/s.test(sql)) return statement;
    const read = statement.all.bind(statement);
    return Object.assign(statement, {
      all: (...values: Parameters<typeof read>) => {
        const rows = read(...values);
        finish();
        return rows;
      },
    });
  };
}

describe("listDeliveries", () => {
  it("tells of a delivery once that ends while it looks", async () => {
    const folder = createTemporaryFolder("hooks-records");
    const path = join(folder.path, "records.db");
    const database = openDatabase(path);
    database.exec(
      `INSERT INTO pending (shard, due_ms, attempts_before_schedule, interruptions, ${COLUMNS})
       VALUES (${shardOf("ep_1")}, 1, 0, 0, 'dlv_1', 'evt_1', 'a.b', 'ep_1', 'sub_1', 1, 1)`,
    );
    finishWhenRead(database, path);
    const records = createRecords(database, createCommitQueue(database), createSeals(createVault()));
    const statesOf = async () =>
      (await records.listDeliveries({ limit: 10, endpoint: "ep_1" })).map(({ state }) => state);
    expect(await statesOf()).toEqual(["scheduled"]);
    expect(await statesOf()).toEqual(["delivered"]);
    database.close();
    folder.remove();
  });
});
