import { describe, expect, it } from "vitest";
import { hopOf, readLogLine } from "./log-line.ts";

describe("readLogLine", () => {
  it("takes a line that is no JSON as its message", () => {
    expect(readLogLine("sender: PORT: expected a port")).toEqual({
      msg: "sender: PORT: expected a port",
    });
    expect(readLogLine('{"msg":"request","time":1}')).toEqual({ msg: "request", time: 1 });
  });
});

describe("hopOf", () => {
  const request = {
    msg: "request",
    source: "billing",
    outcome: "accepted",
    eventId: "a",
    time: "1970-01-01T00:00:00.100Z",
    durationMs: 4,
  };

  it("reads the beginning of a delivery and the end of an acceptance", () => {
    const attempt = {
      msg: "attempt",
      outcome: "delivered",
      event: "a",
      time: "1970-01-01T00:00:00.100Z",
      durationMs: 4,
    };
    expect(hopOf(attempt)).toEqual({ id: "a", hop: "delivered", atMs: 96 });
    expect(hopOf(request)).toEqual({ id: "a", hop: "accepted", atMs: 100 });
  });

  it("takes nothing for a hop that is a failure, another source or another line", () => {
    expect(hopOf({ ...request, outcome: "signature_invalid" })).toBeUndefined();
    expect(hopOf({ ...request, source: "github" })).toBeUndefined();
    expect(
      hopOf({
        msg: "attempt",
        outcome: "timeout",
        event: "a",
        time: "1970-01-01T00:00:00.001Z",
        durationMs: 1,
      }),
    ).toBeUndefined();
    expect(hopOf({ msg: "listening" })).toBeUndefined();
  });
});
