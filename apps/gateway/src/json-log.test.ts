import { describe, expect, it } from "vitest";
import { createJsonLog } from "./json-log.ts";

function open() {
  const lines: string[] = [];
  let nowMs = Date.UTC(2026, 0, 2);
  const log = createJsonLog({ base: { worker: 1 }, write: (line) => lines.push(line), now: () => nowMs });
  return {
    log,
    lines,
    parsed: () => lines.map((line) => JSON.parse(line) as object),
    tick: () => (nowMs += 1),
  };
}

describe("createJsonLog", () => {
  it("writes a line for each event: level, time, base, fields and message", () => {
    const { log, lines, tick } = open();
    log.info({ status: 202, hint: undefined }, "request");
    tick();
    log.error({ error: 'a "quoted"\nline' }, "inbox unavailable");
    expect(lines).toEqual([
      '{"level":"info","time":"2026-01-02T00:00:00.000Z","worker":1,"status":202,"msg":"request"}\n',
      '{"level":"error","time":"2026-01-02T00:00:00.001Z","worker":1,"error":"a \\"quoted\\"\\nline","msg":"inbox unavailable"}\n',
    ]);
  });

  it("ends with its own message, whatever the fields are called and have in them", () => {
    const { log, parsed } = open();
    log.warn({ msg: "theirs", text: "half of a pair: \ud800" }, "ours");
    expect(parsed()).toMatchObject([{ level: "warn", msg: "ours" }]);
  });

  it("leaves out what is everyday noise", () => {
    const { log, lines } = open();
    log.debug({}, "request");
    expect(lines).toEqual([]);
  });

  it("says of a line that cannot be written as JSON that there was one", () => {
    const { log, parsed } = open();
    log.info({ count: 1n }, "request");
    expect(parsed()).toMatchObject([{ level: "info", worker: 1, unwritable: true, msg: "request" }]);
  });
});
