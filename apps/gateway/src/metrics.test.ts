import { describe, expect, it } from "vitest";
import { addUp, createMetrics, renderMetrics } from "./metrics.ts";

describe("createMetrics", () => {
  it("writes counters, cumulative buckets and gauges, with labels escaped", () => {
    const metrics = createMetrics();
    metrics.count("hooks_gateway_requests_total", { source: 'a"\\\n', outcome: "accepted" });
    metrics.count("hooks_gateway_requests_total", { source: 'a"\\\n', outcome: "accepted" });
    for (const seconds of [0.0005, 0.3, 100]) {
      metrics.observe("hooks_gateway_request_duration_seconds", { source: "a" }, seconds);
    }
    const lines = renderMetrics(metrics.snapshot(), [
      { name: "hooks_gateway_inbox_dead", labels: {}, value: 3 },
    ]).split("\n");
    const duration = "hooks_gateway_request_duration_seconds";
    expect(lines).toEqual(
      expect.arrayContaining([
        String.raw`hooks_gateway_requests_total{source="a\"\\\n",outcome="accepted"} 2`,
        `# TYPE ${duration} histogram`,
        `${duration}_bucket{source="a",le="0.25"} 1`,
        `${duration}_bucket{source="a",le="0.5"} 2`,
        `${duration}_bucket{source="a",le="+Inf"} 3`,
        `${duration}_count{source="a"} 3`,
        "hooks_gateway_inbox_dead 3",
      ]),
    );
    expect(lines.at(-1)).toBe("");
  });
});

describe("addUp", () => {
  it("adds what several processes have counted, and changes none of it", () => {
    const [one, two] = [createMetrics(), createMetrics()];
    one.count("hooks_gateway_requests_total", { source: "a", outcome: "accepted" });
    for (const metrics of [one, two]) {
      metrics.count("hooks_gateway_requests_total", { source: "b", outcome: "accepted" });
      metrics.observe("hooks_gateway_request_duration_seconds", { source: "b" }, 0.2);
    }
    const snapshots = [one.snapshot(), two.snapshot(), structuredClone(two.snapshot())];
    const text = renderMetrics(addUp(snapshots), []);
    expect(addUp(snapshots)).toEqual(addUp(snapshots));
    expect(text).toContain('hooks_gateway_requests_total{source="a",outcome="accepted"} 1\n');
    expect(text).toContain('hooks_gateway_requests_total{source="b",outcome="accepted"} 3\n');
    expect(text).toContain('hooks_gateway_request_duration_seconds_bucket{source="b",le="0.25"} 3\n');
    expect(text).toContain('hooks_gateway_request_duration_seconds_count{source="b"} 3\n');
  });
});
