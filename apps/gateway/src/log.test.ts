import { describe, expect, it } from "vitest";
import { createLines } from "./log.ts";

function record() {
  const lines: string[] = [];
  let nowMs = Date.UTC(2026, 2, 2);
  const log = createLines({
    base: { app: "gateway" },
    write: (line) => lines.push(line),
    clock: () => nowMs,
  });
  return { log, lines, wait: (ms: number) => (nowMs += ms) };
}

describe("createLines", () => {
  it("writes a line of JSON for each call, with level, time, base, fields and message", () => {
    const { log, lines, wait } = record();
    log.info({ requestId: "1", hint: undefined, text: 'ä"\n' }, "request");
    log.info({}, "nothing else");
    wait(1);
    log.warn({ nested: { codes: [1, 2] } }, 'a "message"\n');
    log.error({}, "bad");
    expect(lines.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
    const start = { time: "2026-03-02T00:00:00.000Z", app: "gateway" };
    const later = { ...start, time: "2026-03-02T00:00:00.001Z" };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: "info", ...start, requestId: "1", text: 'ä"\n', msg: "request" },
      { level: "info", ...start, msg: "nothing else" },
      { level: "warn", ...later, nested: { codes: [1, 2] }, msg: 'a "message"\n' },
      { level: "error", ...later, msg: "bad" },
    ]);
  });

  it("leaves out what is below info", () => {
    const { log, lines } = record();
    log.debug({}, "noise");
    expect(lines).toEqual([]);
  });
});
