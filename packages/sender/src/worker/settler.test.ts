import { until } from "@hooks/testkit";
import { expect, it } from "vitest";
import { StoreUnavailableError, type Settlement, type SettleRequest } from "../store.ts";
import { createSettler } from "./settler.ts";
import { systemTimers, type Timers } from "./timers.ts";

/** Waits for nothing. */
const HASTY: Timers = { ...systemTimers, after: (_, call) => systemTimers.after(0, call) };

function settlementOf(id: string): Settlement {
  return {
    delivery: {
      id,
      shard: 0,
      epoch: 1,
      endpoint: "ep_1",
      subscriber: "sub_1",
      event: { id: "evt_1", type: "invoice.paid", version: "1.0.0", body: new Uint8Array() },
      dueMs: 0,
      attempts: 0,
      scheduleStep: 0,
      createdAtMs: 0,
    },
    attempt: { delivery: id, number: 1, startedAtMs: 0, durationMs: 1, outcome: "delivered" },
    next: { state: "delivered" },
  };
}

it("records the rest by and by when the store goes away while it looks for one that cannot be written", async () => {
  const settled: string[] = [];
  const reports: string[] = [];
  let isAway = false;
  const settle = async ({ settlements }: SettleRequest) => {
    const ids = settlements.map(({ delivery: { id } }) => id);
    if (ids.includes("second")) {
      isAway = ids.length === 1;
      throw new Error("This one cannot be written");
    }
    if (isAway) {
      isAway = false;
      throw new StoreUnavailableError("The store is away");
    }
    return settlements.map(() => true);
  };
  const settler = createSettler({
    store: { settle },
    now: () => 0,
    timers: HASTY,
    gatherMs: 0,
    report: ({ kind }) => void reports.push(kind),
    inFlight: () => 4,
    health: () => [],
    onKept: () => {},
    onSettled: ({ delivery: { id } }) => void settled.push(id),
  });
  settler.begin(1, 4);
  for (const id of ["first", "second", "third", "fourth"]) settler.add(settlementOf(id), 1);
  await until(() => settled.length === 3);
  expect(settled).toEqual(["first", "third", "fourth"]);
  expect(reports).toEqual(["fault", "store_unavailable"]);
});
