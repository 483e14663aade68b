import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { createCount } from "./replay-count.ts";
import { migrate } from "./migrations.ts";

function openDatabase(endpoints: number, each: number) {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  database.exec("INSERT INTO subscribers VALUES ('sub_1', 'one', 1)");
  const addEndpoint = database.prepare("INSERT INTO endpoints VALUES (?, 'sub_1', 1, 'active', 1, '{}')");
  const addSpan = database.prepare("INSERT INTO finished_spans VALUES (?, 'dlv_000000001')");
  const addFinished = database.prepare(
    `INSERT INTO finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms)
     VALUES (?, 'evt', 'a.b', ?, 'sub_1', 'delivered', 1, 1, 1)`,
  );
  for (let index = 0; index < endpoints; index += 1) {
    const endpoint = `ep_${String(index).padStart(4, "0")}`;
    addEndpoint.run(endpoint);
    if (each > 0) addSpan.run(endpoint);
    for (let number = 0; number < each; number += 1)
      addFinished.run(`dlv_000000001_${number}_${index}`, endpoint);
  }
  return database;
}

const filter = { subscriber: "sub_1", eventTypes: [], states: ["delivered" as const], toMs: 10 };

describe("createCount", () => {
  it("looks at few endpoints in a step that stand among many others", () => {
    const database = openDatabase(50, 2);
    const count = createCount(database);
    const first = count({ filter, limit: 1_000 });
    expect(first).toEqual({ count: 40, after: { endpoint: "ep_0020", id: expect.any(String) } });
    expect(count({ filter, limit: 5_000 })).toEqual({ count: 100 });
    database.close();
  });

  it("looks at many in a step that have nothing", () => {
    const database = openDatabase(500, 0);
    expect(createCount(database)({ filter, limit: 1_000 })).toEqual({ count: 0 });
    database.close();
  });
});
