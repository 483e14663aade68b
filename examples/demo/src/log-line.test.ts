import { describe, expect, it } from "vitest";
import { hopOf, readLogLine } from "./log-line.ts";

describe("readLogLine", () => {
  it("takes a line that is no JSON as its message", () => {
    expect(readLogLine("sender listening on http://127.0.0.1:4000")).toEqual({
      msg: "sender listening on http://127.0.0.1:4000",
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
    time: 100,
    durationMs: 4,
  };

  it("reads the beginning of a delivery and the end of an acceptance", () => {
    const attempted = { msg: "attempted", outcome: "delivered", event: "a", time: 100, durationMs: 4 };
    expect(hopOf(attempted)).toEqual({ id: "a", hop: "delivered", atMs: 96 });
    expect(hopOf(request)).toEqual({ id: "a", hop: "accepted", atMs: 100 });
  });

  it("takes nothing for a hop that is a failure, another source or another line", () => {
    expect(hopOf({ ...request, outcome: "signature_invalid" })).toBeUndefined();
    expect(hopOf({ ...request, source: "github" })).toBeUndefined();
    expect(
      hopOf({ msg: "attempted", outcome: "timeout", event: "a", time: 1, durationMs: 1 }),
    ).toBeUndefined();
    expect(hopOf({ msg: "sender listening" })).toBeUndefined();
  });
});
