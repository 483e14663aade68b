import { describe, expect, it } from "vitest";
import { type Bundle, T0 } from "./bundle.ts";

/** What a text may hold that databases differ about, or that means something to their languages. */
const HOSTILE = [
  "a\0b",
  "\u{d800}",
  '{a,NULL,"b"}',
  "\\",
  "'; DROP TABLE pending; --",
  "$1",
  "\u{10ffff}",
  "é\u{301}",
];

export function describeTexts(bundle: Bundle): void {
  describe("texts", () => {
    it.each(HOSTILE)("finds nothing under %j, and goes on", async (text) => {
      await bundle.scheduledOne();
      expect(await bundle.store.getDelivery(text)).toBeUndefined();
      expect(await bundle.store.getEvent(text)).toBeUndefined();
      expect(await bundle.store.getEndpoint(text)).toBeUndefined();
      expect(await bundle.store.listAttempts(text)).toEqual([]);
      expect(await bundle.store.listDeliveries({ limit: 9, endpoint: text })).toEqual([]);
      expect(await bundle.store.listDeliveries({ limit: 9, event: text })).toEqual([]);
      expect(await bundle.store.listEvents({ limit: 9, type: text })).toEqual([]);
      expect(await bundle.store.retryDelivery(text, T0)).toBeUndefined();
      expect(await bundle.store.removeEndpoint(text, T0)).toBe(false);
    });

    it.each(HOSTILE)("records an attempt that was answered with %j", async (text) => {
      const { id } = await bundle.scheduledOne();
      const { owned } = await bundle.lease("w1");
      const { deliveries } = await bundle.take("w1", owned);
      const attempt = {
        delivery: id,
        number: 1,
        startedAtMs: T0,
        durationMs: 1,
        outcome: "http_status",
      } as const;
      const settlements = deliveries.map((delivery) => ({
        delivery,
        attempt: { ...attempt, status: 500, response: text },
        next: { state: "scheduled", dueMs: T0 + 1 } as const,
      }));
      expect(await bundle.store.settle({ settlements, health: [], finishedBatches: [], nowMs: T0 })).toEqual([
        true,
      ]);
      expect(await bundle.store.listAttempts(id)).toMatchObject([{ number: 1, status: 500 }]);
    });

    it.each(HOSTILE)("knows an event again by the key %j", async (key) => {
      const event = () => bundle.eventOf({ digest: "d", idempotency: { key, digest: "d" } });
      const [first] = await bundle.store.publish([event()], T0);
      expect(await bundle.store.publish([event()], T0)).toMatchObject([{ id: first?.id, duplicate: true }]);
    });
  });
}
