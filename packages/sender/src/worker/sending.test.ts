import { until } from "@hooks/testkit";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../core/model.ts";
import type { Announce } from "../operational-events.ts";
import type { SettleRequest, TakenDelivery } from "../store.ts";
import { DELIVERED, FAILED, type Answer } from "../test-support/played-sender.ts";
import { takenDelivery } from "../test-support/taken-delivery.ts";
import { createLanes } from "./lanes.ts";
import { createSending } from "./sending.ts";
import { systemTimers, type Timers } from "./timers.ts";

interface Given {
  readonly answer?: Answer;
  readonly announce?: Announce;
  readonly random?: () => number;
  readonly settle?: (request: SettleRequest) => void;
}

const fail = () => {
  throw new Error("Nobody has thought of this");
};

/** Sending of one worker that knows one endpoint, and what comes of it. Long waits end when `waits` are called. */
function open({ answer = () => DELIVERED, announce, random = () => 0, settle = () => {} }: Given) {
  const reports: string[] = [];
  const recorded: string[] = [];
  const finished: number[] = [];
  const waits = new Set<() => void>();
  let elapsedMs = 0;
  const timers: Timers = {
    elapsed: () => elapsedMs,
    after(delayMs, call) {
      if (delayMs < 60_000) return systemTimers.after(0, call);
      waits.add(call);
      return () => void waits.delete(call);
    },
  };
  const lanes = createLanes(announce);
  const sending = createSending({
    lanes,
    timers,
    random,
    transport: {
      send: async (request) => {
        elapsedMs += 7;
        return answer(request);
      },
      checkUrl: () => ({ ok: true }),
      close: async () => {},
    },
    store: {
      async settle(request) {
        settle(request);
        finished.push(...request.finishedBatches);
        return request.settlements.map(() => true);
      },
    },
    noticeOf: () => ({}),
    schedule: [0, 5],
    now: () => 0,
    wall: () => 0,
    gatherMs: 0,
    isHeld: () => true,
    report: ({ kind }) => void reports.push(kind),
    onSettled: ({ delivery: { id }, attempt: { outcome, durationMs } }) =>
      void recorded.push(`${id}: ${outcome} in ${durationMs} ms`),
  });
  const begin = (...deliveries: readonly TakenDelivery[]) => {
    // Of an endpoint no more is looked at here.
    const endpoints = [{ id: "ep_1", revision: 1 } as Endpoint];
    lanes.taken([], { id: 1, deliveries, endpoints, more: [] });
    sending.begin({ id: 1, deliveries, endpoints, more: [] });
  };
  return { begin, sending, lanes, reports, recorded, finished, waits };
}

describe("createSending", () => {
  it("records an error of the transport, and how long it took, as an attempt", async () => {
    const { begin, reports, recorded, finished, waits } = open({ answer: fail });
    begin(takenDelivery("dlv_1"));
    await until(() => recorded.length === 1);
    expect(recorded).toEqual(["dlv_1: internal_error in 7 ms"]);
    expect([reports, finished, waits.size]).toEqual([["fault"], [1], 0]);
  });

  it("records an attempt of which nobody could be told", async () => {
    const { begin, lanes, reports, recorded, finished, waits } = open({ announce: fail });
    begin(takenDelivery("dlv_1"));
    await until(() => recorded.length === 1);
    expect(recorded).toEqual(["dlv_1: delivered in 1 ms"]);
    expect([reports, finished, waits.size, lanes.inFlight()]).toEqual([["fault"], [1], 0, 0]);
  });

  it("gives up what it cannot begin, and records the rest of its batch", async () => {
    const { begin, sending, reports, recorded, finished } = open({});
    begin(takenDelivery("dlv_1", "ep_unknown"), takenDelivery("dlv_2"));
    await until(() => recorded.length === 1);
    expect(recorded).toEqual(["dlv_2: delivered in 1 ms"]);
    expect([reports, finished, sending.batches()]).toEqual([["fault"], [1], []]);
  });

  it.each([
    ["cannot be decided", { answer: () => FAILED, random: fail }, 1],
    ["cannot be written", { settle: fail }, 2],
  ])("keeps the place of what %s for a time, and then gives it up", async (_, given, faults) => {
    const { begin, sending, lanes, reports, recorded, waits } = open(given);
    begin(takenDelivery("dlv_1"));
    await until(() => waits.size === 1);
    expect([reports, recorded]).toEqual([Array(faults).fill("fault"), []]);
    expect([sending.batches(), lanes.inFlight()]).toEqual([[1], 1]);
    for (const end of waits) end();
    expect([sending.batches(), lanes.inFlight()]).toEqual([[], 0]);
  });

  it("waits for nothing when it has stopped", async () => {
    const { begin, sending, waits } = open({ settle: fail });
    begin(takenDelivery("dlv_1"));
    await until(() => waits.size === 1);
    sending.stop();
    expect(waits.size).toBe(0);
  });
});
