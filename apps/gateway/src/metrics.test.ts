import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

describe("createMetrics", () => {
  it("writes counters, cumulative buckets and gauges, with labels escaped", () => {
    const metrics = createMetrics();
    metrics.count("hooks_gateway_requests_total", { source: 'a"\\\n', outcome: "accepted" });
    metrics.count("hooks_gateway_requests_total", { source: 'a"\\\n', outcome: "accepted" });
    for (const seconds of [0.0005, 0.3, 100]) {
      metrics.observe("hooks_gateway_request_duration_seconds", { source: "a" }, seconds);
    }
    const lines = metrics.render([{ name: "hooks_gateway_inbox_dead", labels: {}, value: 3 }]).split("\n");
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
