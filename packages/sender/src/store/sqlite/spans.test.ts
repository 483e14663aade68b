import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { migrate } from "./migrations.ts";
import { createSpanPurge, createSpanReader, createSpans } from "./spans.ts";

function openDatabase() {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  const add = database.prepare(
    `INSERT INTO finished (id, event, event_type, endpoint, subscriber, state, attempts, created_ms, finished_ms)
     VALUES (?, 'evt', 'a.b', ?, 'sub', ?, 1, 1, 1)`,
  );
  const remove = database.prepare("DELETE FROM finished WHERE id = ?");
  const kept = createSpans(database);
  const spans = database.prepare("SELECT DISTINCT span FROM finished_spans ORDER BY span");
  return {
    database,
    kept,
    add(id: string, endpoint: string, state = "delivered") {
      add.run(id, endpoint, state);
      kept.add(endpoint, id);
    },
    remove: (id: string) => remove.run(id),
    spans: () => spans.all().map(({ span }) => span),
  };
}

/** Longer and shorter than a span, and some that begin alike. */
const id = fc
  .tuple(
    fc.constantFrom("dlv_", "d"),
    fc.constantFrom("", "000000001", "000000002"),
    fc.string({ unit: fc.constantFrom("A", "b", "~"), maxLength: 3 }),
  )
  .map((parts) => parts.join(""));
const delivery = fc.record({
  id,
  endpoint: fc.constantFrom("ep_1", "ep_2", "ep_3"),
  state: fc.constantFrom("delivered", "dead"),
});

describe("createSpanReader", () => {
  it("reads what a look at every row finds, forwards and backwards, whatever the ids", () => {
    const deliveries = fc.uniqueArray(delivery, { selector: (one) => one.id, maxLength: 40 });
    const between = fc.record({
      after: fc.oneof(fc.constant(""), id),
      before: fc.oneof(fc.constant("\u{10ffff}"), id),
    });
    fc.assert(
      fc.property(deliveries, between, fc.integer({ min: 1, max: 20 }), (all, { after, before }, limit) => {
        const { database, kept, add } = openDatabase();
        const addSome = (some: typeof all) => {
          for (const one of some) add(one.id, one.endpoint, one.state);
        };
        addSome(all.slice(0, 10));
        kept.together(() => addSome(all.slice(10)));
        const expected = all
          .filter((one) => one.endpoint === "ep_1" && one.id > after && one.id < before)
          .toSorted((one, other) => (one.id < other.id ? -1 : 1));
        const read = (order: "ASC" | "DESC", condition?: string) =>
          createSpanReader(database, { order, ...(condition === undefined ? {} : { condition }) })(
            "ep_1",
            { after, before },
            limit,
          ).map((row) => row["id"]);
        const idsOf = (some: typeof all) => some.slice(0, limit).map((one) => one.id);
        expect(read("ASC")).toEqual(idsOf(expected));
        expect(read("DESC")).toEqual(idsOf(expected.toReversed()));
        expect(read("ASC", "finished.state = 'dead'")).toEqual(
          idsOf(expected.filter(({ state }) => state === "dead")),
        );
        database.close();
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("sorts nothing, so that a page costs what stands in it", () => {
    const { database } = openDatabase();
    const plans: string[] = [];
    const watched = {
      prepare: (sql: string) => {
        plans.push(
          ...database
            .prepare(`EXPLAIN QUERY PLAN ${sql}`)
            .all("", "", "", 1)
            .map((row) => String(row["detail"])),
        );
        return database.prepare(sql);
      },
    };
    // Nothing else of it is used.
    createSpanReader(watched as DatabaseSync, { order: "DESC" });
    expect(plans.filter((step) => /TEMP B-TREE|^SCAN/.test(step))).toEqual([]);
    expect(plans.length).toBeGreaterThan(1);
  });
});

describe("createSpans", () => {
  it("writes again what was written with work that was taken back", () => {
    const { database, kept, spans } = openDatabase();
    const fail = () =>
      kept.together(() => {
        kept.add("ep_1", "dlv_1");
        kept.add("ep_1", "dlv_1");
        throw new Error("no");
      });
    database.exec("BEGIN; SAVEPOINT write");
    expect(fail).toThrow("no");
    database.exec("ROLLBACK TO write");
    kept.together(() => kept.add("ep_1", "dlv_1"));
    database.exec("COMMIT");
    expect(spans()).toEqual(["dlv_1"]);
    database.close();
  });
});

describe("createSpanPurge", () => {
  it("forgets spans before the first delivery that is left, a few at a time", () => {
    const { database, add, remove, spans } = openDatabase();
    const ids = ["dlv_000000001X", "dlv_000000002X", "dlv_000000002Y", "dlv_000000003X"];
    for (const [index, one] of ids.entries()) add(one, `ep_${index % 2}`);
    const { before: purge } = createSpanPurge(database);
    purge(10);
    expect(spans()).toEqual(["dlv_000000001", "dlv_000000002", "dlv_000000003"]);
    for (const one of ids.slice(0, 3)) remove(one);
    purge(1);
    expect(spans()).toEqual(["dlv_000000002", "dlv_000000003"]);
    purge(10);
    expect(spans()).toEqual(["dlv_000000003"]);
    remove("dlv_000000003X");
    purge(10);
    expect(spans()).toEqual([]);
    database.close();
  });
  it("forgets what nothing is left of, although something older is", () => {
    const { database, add, remove, spans } = openDatabase();
    const ids = ["dlv_000000002X", "dlv_000000002Y", "dlv_000000003X"];
    for (const one of ["dlv_000000001X", ...ids]) add(one, "ep_1");
    const purge = createSpanPurge(database);
    for (const one of ["dlv_000000002X", "dlv_000000003X"]) remove(one);
    purge.of(ids);
    expect(spans()).toEqual(["dlv_000000001", "dlv_000000002"]);
    remove("dlv_000000002Y");
    purge.of(["dlv_000000002Y"]);
    expect(spans()).toEqual(["dlv_000000001"]);
    database.close();
  });
});
