import { describe, expect, it } from "vitest";
import { createJourneys, hops, type Journey } from "./journey.ts";

function open() {
  const whole: Journey[] = [];
  const journeys = createJourneys(
    (journey) => void whole.push(journey),
    () => 1_000,
  );
  return { whole, journeys };
}

describe("createJourneys", () => {
  it("tells a journey when its last hop is known, whatever the order, in milliseconds from its beginning", () => {
    const { whole, journeys } = open();
    journeys.begin("a", "invoice.paid");
    for (const [index, hop] of hops.toReversed().entries()) {
      expect(whole).toEqual([]);
      journeys.reach("a", hop, 1_050.4 - 10 * index);
    }
    const atMs = { published: 10, delivered: 20, accepted: 30, forwarded: 40, handled: 50 };
    expect(whole).toEqual([{ id: "a", type: "invoice.paid", note: "", atMs }]);
    expect(journeys.completed()).toBe(1);
  });

  it("puts no hop after the one that follows from it", () => {
    const { whole, journeys } = open();
    journeys.begin("a", "invoice.paid");
    for (const [hop, atMs] of [
      ["accepted", 1_009],
      ["forwarded", 1_007],
      ["published", 1_002],
    ] as const) {
      journeys.reach("a", hop, atMs);
    }
    journeys.reach("a", "delivered", 1_004);
    journeys.reach("a", "handled", 1_008);
    expect(whole[0]?.atMs).toEqual({ published: 2, delivered: 4, accepted: 7, forwarded: 7, handled: 8 });
  });

  it("knows an event that came from elsewhere, or twice", () => {
    const { journeys } = open();
    journeys.begin("a", "invoice.paid");
    expect(journeys.handled("b", "")).toBe(false);
    expect(journeys.handled("a", "")).toBe(true);
    expect(journeys.handled("a", "")).toBe(false);
  });
});
