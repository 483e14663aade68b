import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TakenDelivery } from "../store.ts";
import { newLane } from "./lane.ts";
import { createTrust, HANGS_AFTER_MS } from "./trust.ts";

const ENDPOINTS = ["ep_0", "ep_1", "ep_2"];
const CONCURRENCY = 6;

const step = fc.oneof(
  fc.record({ kind: fc.constant("start" as const), endpoint: fc.constantFrom(...ENDPOINTS) }),
  fc.record({ kind: fc.constant("end" as const), which: fc.nat(99), succeeded: fc.boolean() }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 400, HANGS_AFTER_MS) }),
);

/** One attempt, as one would keep account of it who has time to count. */
interface Attempt {
  readonly delivery: TakenDelivery;
  readonly isTrial: boolean;
  lookedMs: number;
}

describe("createTrust", () => {
  it("counts what is under way of endpoints that may hang, whatever begins, ends or takes long", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const lanes = new Map(ENDPOINTS.map((id) => [id, newLane(id, 0)]));
        const laneOf = (id: string) => lanes.get(id)!;
        const trust = createTrust(laneOf);
        const proven = new Set<string>();
        const answeredMs = new Map<string, number>();
        let attempts: readonly Attempt[] = [];
        let nowMs = 1_000_000;
        for (const one of steps) {
          if (one.kind === "start") {
            const delivery = { endpoint: one.endpoint } as TakenDelivery;
            laneOf(one.endpoint).underWay += 1;
            trust.started(laneOf(one.endpoint), delivery, nowMs);
            attempts = [...attempts, { delivery, isTrial: !proven.has(one.endpoint), lookedMs: nowMs }];
          } else if (one.kind === "wait") nowMs += one.ms;
          else if (attempts.length > 0) {
            const ended = attempts[one.which % attempts.length]!;
            const { endpoint } = ended.delivery;
            attempts = attempts.filter((attempt) => attempt !== ended);
            laneOf(endpoint).underWay -= 1;
            trust.ended(laneOf(endpoint), ended.delivery, one.succeeded ? nowMs : undefined);
            if (one.succeeded) proven.add(endpoint);
            else proven.delete(endpoint);
            if (one.succeeded) answeredMs.set(endpoint, nowMs);
          }
          trust.doubt(nowMs);
          for (const attempt of attempts) {
            if (nowMs - attempt.lookedMs < HANGS_AFTER_MS) continue;
            attempt.lookedMs = nowMs;
            const { endpoint } = attempt.delivery;
            if (nowMs - (answeredMs.get(endpoint) ?? 0) >= HANGS_AFTER_MS) proven.delete(endpoint);
          }
          const trials = attempts.filter(({ isTrial }) => isTrial);
          const held = attempts.filter(({ isTrial, delivery }) => isTrial || !proven.has(delivery.endpoint));
          expect(ENDPOINTS.filter((id) => laneOf(id).isProven)).toEqual(
            ENDPOINTS.filter((id) => proven.has(id)),
          );
          expect(trust.room(CONCURRENCY)).toBe(CONCURRENCY / 2 - trials.length);
          expect(trust.beyond(CONCURRENCY)).toBe(Math.max(0, held.length - CONCURRENCY / 2));
          for (const [id, { trials: count }] of lanes)
            expect(count).toBe(trials.filter(({ delivery }) => delivery.endpoint === id).length);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
