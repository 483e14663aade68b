import { describe, expect, it } from "vitest";
import { startSink } from "./sink.ts";

describe("startSink", () => {
  it("answers by the script and records the exact bytes", async () => {
    const sink = await startSink();
    sink.script([{ status: 503, headers: { "retry-after": "2" } }, { status: 204 }]);
    const body = Buffer.from([0, 0xff, 0xfe]);
    const first = await fetch(`${sink.url}/a`, { method: "POST", body });
    const second = await fetch(`${sink.url}/b`, { method: "POST" });
    const third = await fetch(`${sink.url}/c`, { method: "POST" });
    expect([first.status, second.status, third.status]).toEqual([503, 204, 204]);
    expect(first.headers.get("retry-after")).toBe("2");
    const requests = await sink.received(3);
    expect(requests[0]?.body.equals(body)).toBe(true);
    await sink.close();
  });
});
