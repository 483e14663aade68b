import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { shardOf } from "../../core/sharding.ts";
import { createList } from "./listing.ts";
import { migrate } from "./migrations.ts";

const FEW = 10_000;

function openDatabase(counts: Readonly<Record<string, number>>) {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  const add = database.prepare(
    `INSERT INTO pending (shard, endpoint, due_ms, id, event, event_type, subscriber, attempts, attempts_before_schedule,
       interruptions, created_ms)
     VALUES (?, ?, ?, ?, 'evt_1', 'a.b', 'sub_1', 0, 0, 0, 1)`,
  );
  database.exec("BEGIN");
  for (const [endpoint, count] of Object.entries(counts))
    for (let index = 0; index < count; index += 1)
      // The last ids are due first.
      add.run(
        shardOf(endpoint),
        endpoint,
        count - index,
        `dlv_${String(index).padStart(6, "0")}_${endpoint}`,
      );
  database.exec("COMMIT");
  return database;
}

describe("createList", () => {
  it.each([3, FEW, FEW + 1])(
    "pages through %i deliveries scheduled for an endpoint, the newest first",
    (count) => {
      const database = openDatabase({ ep_1: count, ep_2: 5 });
      const list = createList(database);
      const idsOf = (after?: string) =>
        list({ endpoint: "ep_1", limit: 2, ...(after === undefined ? {} : { after }) }).map(({ id }) => id);
      const nth = (index: number) => `dlv_${String(count - index).padStart(6, "0")}_ep_1`;
      expect(idsOf()).toEqual([nth(1), nth(2)]);
      expect(idsOf(nth(2))).toEqual([nth(3), nth(4)].slice(0, count - 2));
      database.close();
    },
  );
});
