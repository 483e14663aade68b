import { until } from "@hooks/testkit";
import { expect, it } from "vitest";
import { StoreUnavailableError, type Settlement, type SettleRequest } from "../store.ts";
import { takenDelivery } from "../test-support/taken-delivery.ts";
import { createSettler } from "./settler.ts";
import { systemTimers, type Timers } from "./timers.ts";

/** Waits for nothing. */
const HASTY: Timers = { ...systemTimers, after: (_, call) => systemTimers.after(0, call) };

function settlementOf(id: string): Settlement {
  return {
    delivery: takenDelivery(id),
    attempt: { delivery: id, number: 1, startedAtMs: 0, durationMs: 1, outcome: "delivered" },
    next: { state: "delivered" },
  };
}

/** A settler whose store does as it is told, and what came of what it was given. */
function open(settle: (request: SettleRequest) => void) {
  const settled: Settlement[] = [];
  const unwritable: string[] = [];
  const reports: string[] = [];
  const finished: (readonly number[])[] = [];
  const settler = createSettler({
    store: {
      async settle(request) {
        settle(request);
        finished.push(request.finishedBatches);
        return request.settlements.map(() => true);
      },
    },
    now: () => 0,
    timers: HASTY,
    gatherMs: 0,
    report: ({ kind }) => void reports.push(kind),
    inFlight: () => 4,
    health: () => [],
    onKept: () => {},
    onSettled: (settlement) => void settled.push(settlement),
    onUnwritable: ({ delivery: { id } }, batch) => void unwritable.push(`${id} of ${batch}`),
  });
  return { settler, settled, unwritable, reports, finished };
}

it("records the rest by and by when the store goes away while it looks for one that cannot be written", async () => {
  let isAway = false;
  const { settler, settled, unwritable, reports, finished } = open(({ settlements }) => {
    const ids = settlements.map(({ delivery: { id } }) => id);
    if (ids.includes("second")) {
      isAway = ids.length === 1;
      throw new Error("This one cannot be written");
    }
    if (isAway) {
      isAway = false;
      throw new StoreUnavailableError("The store is away");
    }
  });
  settler.begin(1, 4);
  for (const id of ["first", "second", "third", "fourth"]) settler.add(settlementOf(id), 1);
  await until(() => settled.length === 3);
  expect(settled.map(({ delivery: { id } }) => id)).toEqual(["first", "third", "fourth"]);
  expect(unwritable).toEqual(["second of 1"]);
  expect(reports).toEqual(["fault", "fault", "store_unavailable"]);

  // It is in flight, and in the journal, until it is given up.
  expect(settler.batches()).toEqual([1]);
  expect(finished.flat()).toEqual([]);
  settler.giveUp(1);
  settler.begin(2, 1);
  settler.add(settlementOf("fifth"), 2);
  await until(() => settled.length === 4);
  expect(finished.flat()).toEqual([2, 1]);
  expect(settler.batches()).toEqual([]);
});

it("records an attempt without what it carries when that cannot be written", async () => {
  const { settler, settled, unwritable, reports, finished } = open(({ settlements }) => {
    if (settlements.some(({ attempt }) => attempt.response !== undefined))
      throw new Error("Such a text cannot be written");
  });
  const plain = settlementOf("first");
  settler.begin(1, 1);
  settler.add({ ...plain, attempt: { ...plain.attempt, response: "\u0000" }, announcements: [] }, 1);
  await until(() => settled.length === 1);
  expect(settled).toEqual([plain]);
  expect([unwritable, reports, finished.flat()]).toEqual([[], ["fault"], [1]]);
});
