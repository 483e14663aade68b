import { describe, expect, it } from "vitest";
import { faultsOfAttempts } from "./attempts.ts";

const delivery = (outcomes: readonly string[], state = "delivered") => ({
  id: "d",
  event: "e",
  endpoint: "p",
  state,
  attemptCount: outcomes.length,
  attempts: outcomes.map((outcome, index) => ({ number: index + 1, outcome })),
});

describe("faultsOfAttempts", () => {
  it("finds nothing wrong with interrupted attempts before the one that delivered", () => {
    expect(faultsOfAttempts(delivery(["delivered"]), 1)).toEqual([]);
    expect(faultsOfAttempts(delivery(["interrupted", "interrupted", "delivered"]), 3)).toEqual([]);
    expect(faultsOfAttempts(delivery(["interrupted", "delivered"]), 1)).toEqual([]);
  });

  it("says when a request is in no record", () => {
    expect(faultsOfAttempts(delivery(["delivered"]), 2)).toEqual(["d was sent 2 times in 1 attempts"]);
  });

  it("says when the record has a gap, or a count that is not its own", () => {
    const gap = {
      ...delivery(["interrupted", "delivered"]),
      attempts: [{ number: 2, outcome: "delivered" }],
    };
    expect(faultsOfAttempts(gap, 1)).toEqual(["d counts 2 of 1 attempts", "d has a gap in its attempts"]);
  });

  it("says when it did not end, or failed for another reason than the kill", () => {
    expect(faultsOfAttempts(delivery(["interrupted"], "dead"), 1)).toEqual([
      "d is dead",
      "d ended with interrupted",
    ]);
    expect(faultsOfAttempts(delivery(["reset", "delivered"]), 1)).toEqual(["d had reset"]);
  });
});
