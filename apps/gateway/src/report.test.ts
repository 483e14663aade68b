import type { ReceiveReport } from "@hooks/receiver";
import { beforeEach, describe, expect, it } from "vitest";
import { createMetrics, renderMetrics } from "./metrics.ts";
import { createReports, type Reports } from "./report.ts";

describe("createReports", () => {
  let lines: { readonly level: string; readonly fields: object }[];
  let nowMs: number;
  let reports: Reports;
  const metrics = createMetrics();
  beforeEach(() => {
    lines = [];
    nowMs = 0;
    const write = (level: string) => (fields: object) => void lines.push({ level, fields });
    const log = {
      debug: () => {},
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
    };
    reports = createReports(log, metrics, () => nowMs);
  });
  const count = (level: string) => lines.filter((line) => line.level === level).length;

  it("bounds what refusals add to the log, ours and theirs apart, and counts all", () => {
    const refusals = [
      { outcome: "signature_missing", status: 401 },
      { outcome: "key_unavailable", status: 503 },
      { outcome: "bad_request", status: 400 },
    ] as const;
    for (let index = 0; index < 1_000; index += 1) {
      for (const refusal of refusals) reports.request({ ...report, ...refusal });
    }
    expect([count("info"), count("error")]).toEqual([50, 50]);
    reports.request({ ...report, outcome: "accepted", status: 202 });
    expect(count("info")).toBe(51);
    nowMs = 1_000;
    reports.request({ ...report, outcome: "queue_unavailable", status: 503 });
    expect(lines.at(-1)).toMatchObject({ level: "error", fields: { leftOut: 950 } });
    const text = renderMetrics(metrics.snapshot(), []);
    for (const { outcome } of refusals) expect(text).toContain(`outcome="${outcome}"} 1000\n`);
  });
});

const report: ReceiveReport = {
  requestId: "r",
  source: "billing",
  provider: "plaid",
  method: "POST",
  remoteAddress: "192.0.2.1",
  outcome: "accepted",
  unverified: undefined,
  status: 202,
  eventId: undefined,
  eventType: undefined,
  bodyBytes: undefined,
  contract: undefined,
  items: undefined,
  keyIndex: undefined,
  covered: undefined,
  hint: undefined,
  error: undefined,
  durationMs: 1,
};
