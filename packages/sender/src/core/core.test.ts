import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adjustConcurrency, MAX_CONCURRENCY } from "./concurrency.ts";
import { afterAttempt } from "./delivery.ts";
import { withSecret, withState } from "./endpoint.ts";
import type { Endpoint } from "./model.ts";
import { floorMsOf, outcomeOfStatus, type AttemptResult } from "./outcome.ts";
import { planOwnership, SHARD_COUNT, shardOf, type ShardRecord } from "./sharding.ts";
import { isPattern, patternsOf } from "./subscription.ts";

const context = { schedule: [0, 5_000, 300_000], nowMs: 1_000, random: () => 0.5 };
const failed: AttemptResult = { outcome: "http_status", status: 500, durationMs: 1 };

describe("afterAttempt", () => {
  it("ends a delivery that arrived", () => {
    expect(
      afterAttempt({ outcome: "delivered", status: 204, durationMs: 1 }, { ...context, step: 1 }),
    ).toEqual({ state: "delivered" });
  });

  it("gives up at once what is refused for good", () => {
    const refused: AttemptResult = { outcome: "refused", status: 422, durationMs: 1 };
    expect(afterAttempt(refused, { ...context, step: 1 })).toEqual({ state: "dead", reason: "refused" });
  });

  it("gives up nothing for an endpoint that is gone", () => {
    const gone: AttemptResult = { outcome: "gone", status: 410, durationMs: 1 };
    expect(afterAttempt(gone, { ...context, step: 3 })).toEqual({ state: "scheduled", dueMs: 1_000 });
  });

  it("makes one soon again that was interrupted before anybody was asked, and gives up nothing for that", () => {
    const interrupted: AttemptResult = { outcome: "interrupted", durationMs: 1 };
    for (const step of [1, 2, 3, 4])
      expect(afterAttempt(interrupted, { ...context, step })).toEqual({ state: "scheduled", dueMs: 2_000 });
  });

  it("waits as the schedule says, then gives up", () => {
    expect(afterAttempt(failed, { ...context, step: 1 })).toEqual({ state: "scheduled", dueMs: 6_000 });
    expect(afterAttempt(failed, { ...context, step: 2 })).toEqual({ state: "scheduled", dueMs: 301_000 });
    expect(afterAttempt(failed, { ...context, step: 3 })).toEqual({
      state: "dead",
      reason: "schedule_exhausted",
    });
  });

  it.each<AttemptResult>([
    { outcome: "timeout", durationMs: 1 },
    { outcome: "http_status", status: 429, durationMs: 1 },
    { outcome: "http_status", status: 503, durationMs: 1 },
  ])("waits at least a minute after $outcome $status", (result) => {
    const next = afterAttempt(result, { ...context, step: 1 });
    expect(next.state === "scheduled" && next.dueMs).toBeGreaterThanOrEqual(61_000);
  });

  it("never ends a delivery before its schedule, and always does at its end, whatever came", () => {
    const result = fc.record({
      outcome: fc.constantFrom("http_status", "timeout", "reset", "dns_error" as const),
      status: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
      retryAfterMs: fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        result,
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (made, step, dice) => {
          const { status, retryAfterMs } = made;
          const next = afterAttempt(
            {
              outcome: made.outcome,
              durationMs: 0,
              ...(status === undefined ? {} : { status }),
              ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
            },
            { ...context, step, random: () => dice },
          );
          if (step >= context.schedule.length) return next.state === "dead";
          return (
            next.state === "scheduled" &&
            Number.isInteger(next.dueMs) &&
            next.dueMs >= context.nowMs + 0.8 * context.schedule[step]!
          );
        },
      ),
    );
  });
});

describe("outcomeOfStatus", () => {
  it.each([
    [200, "delivered"],
    [299, "delivered"],
    [301, "http_status"],
    [404, "http_status"],
    [410, "gone"],
    [500, "http_status"],
  ] as const)("reads %i as %s", (status, outcome) => expect(outcomeOfStatus(status)).toBe(outcome));
});

describe("floorMsOf", () => {
  it("asks for no patience after an ordinary error", () => expect(floorMsOf(failed)).toBe(0));
});

const after = (successes: readonly boolean[]) => successes.reduce(adjustConcurrency, MAX_CONCURRENCY);

describe("adjustConcurrency", () => {
  it("falls fast to one, never to none, and grows one by one to the most", () => {
    expect(after([false])).toBe(5);
    expect(after(Array.from({ length: 20 }, () => false))).toBe(1);
    expect(after([false, true, true])).toBe(7);
    expect(after(Array.from({ length: 20 }, () => true))).toBe(MAX_CONCURRENCY);
  });
});

describe("shardOf", () => {
  it("spreads endpoints evenly and always finds the same shard", () => {
    const counts = new Map<number, number>();
    for (let index = 0; index < 64_000; index += 1) {
      const shard = shardOf(`ep_01JD${index.toString(36).padStart(10, "0")}`);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(SHARD_COUNT);
    expect(Math.max(...counts.values())).toBeLessThan(1_300);
    expect(shardOf("ep_01JDAAAAAA")).toBe(shardOf("ep_01JDAAAAAA"));
  });
});

describe("planOwnership", () => {
  const all = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);

  /** Workers renew in turn, hand over what they are asked to, and come to rest. */
  function settle(owners: Map<number, string | undefined>, workers: readonly string[]): void {
    for (let round = 0; round < 3; round += 1) {
      for (const worker of workers) {
        const shards: ShardRecord[] = all.map((shard) => ({ shard, owner: owners.get(shard) }));
        const { takeOver, excess } = planOwnership(worker, shards, {
          live: new Set(workers),
          leaving: new Set(),
        });
        for (const shard of takeOver) owners.set(shard, worker);
        for (const shard of excess) owners.set(shard, undefined);
      }
    }
  }

  it("leaves no shard without an owner and nobody with more than a fair share, as workers come and go", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }), (counts) => {
        const owners = new Map<number, string | undefined>();
        return counts.every((count) => {
          const workers = Array.from({ length: count }, (_, index) => `w${index}`);
          settle(owners, workers);
          const shares = workers.map((worker) => all.filter((shard) => owners.get(shard) === worker).length);
          return (
            shares.reduce((sum, share) => sum + share, 0) === SHARD_COUNT &&
            Math.max(...shares) <= Math.ceil(SHARD_COUNT / count)
          );
        });
      }),
    );
  });
});

describe("subscriptions", () => {
  it("takes a type by its name, its resource or everything", () => {
    expect(patternsOf("invoice.paid")).toEqual(["invoice.paid", "invoice.*", "*"]);
  });

  it.each([
    ["invoice.paid", true],
    ["invoice.*", true],
    ["billing.invoice.payment_failed", true],
    ["invoice", false],
    ["*", false],
    ["*.paid", false],
    ["invoice.p*", false],
    ["Invoice.paid", false],
    ["invoice..paid", false],
    ["", false],
  ])("knows whether %j is a pattern", (text, expected) => expect(isPattern(text)).toBe(expected));
});

describe("endpoints", () => {
  const endpoint: Endpoint = {
    id: "ep_1",
    subscriber: "sub_1",
    url: "https://example.com",
    description: "",
    eventTypes: [],
    headers: {},
    versions: {},
    featureFlags: [],
    ordering: "none",
    secrets: [{ value: "one", createdAtMs: 0 }],
    state: "active",
    revision: 1,
    createdAtMs: 0,
    updatedAtMs: 0,
  };

  it("forgets why it was disabled when it is active again", () => {
    const disabled = withState(endpoint, "disabled", 7);
    expect(disabled.disabledReason).toBe("by_request");
    expect(withState(disabled, "active", 8)).toEqual({ ...endpoint, enabledAtMs: 8 });
  });

  it("signs with the old secret until the overlap is over", () => {
    const rotated = withSecret(endpoint, { secret: "two", nowMs: 100, overlapMs: 50 });
    expect(rotated.secrets).toEqual([
      { value: "two", createdAtMs: 100 },
      { value: "one", createdAtMs: 0, expiresAtMs: 150 },
    ]);
    const later = withSecret(rotated, { secret: "three", nowMs: 150, overlapMs: 50 });
    expect(later.secrets.map(({ value }) => value)).toEqual(["three", "two"]);
  });
});
