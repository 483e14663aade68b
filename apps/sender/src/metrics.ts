import type { Published, SenderReport } from "@hooks/sender";
import type { ProblemCode } from "./problem.ts";

/** Counts what happens. Labels come from closed sets, never from tenants, so that their number is bounded. */
export interface Metrics {
  published(published: Published): void;
  refused(code: ProblemCode): void;
  reported(report: SenderReport): void;
  requested(request: { readonly route: string; readonly method: string; readonly status: number }): void;
  /** Everything in the Prometheus text format 0.0.4. */
  render(): string;
}

const COUNTERS = {
  hooks_published_events_total: "Events published, by result: accepted or duplicate",
  hooks_publish_refusals_total: "Publishes refused, by error code",
  hooks_published_deliveries_total: "Deliveries scheduled by publishes",
  hooks_attempts_total: "Attempts made, by outcome",
  hooks_deliveries_total: "Deliveries that came to an end, by state",
  hooks_unsettled_attempts_total: "Attempts whose result was refused because another worker had taken over",
  hooks_render_failures_total:
    "Deliveries dead from the start because their event could not be converted, by reason",
  hooks_store_failures_total: "Verbs of the worker that the store could not do",
  hooks_worker_faults_total: "Faults of the worker that should not happen",
  hooks_http_requests_total: "Requests answered, by route, method and status",
} as const;

type CounterName = keyof typeof COUNTERS;
type Labels = Readonly<Record<string, string>>;

const DURATION = "hooks_attempt_duration_seconds";
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

export function createMetrics(): Metrics {
  const counters = createCounters();
  const durations = createHistogram();

  const attempted = (report: Extract<SenderReport, { kind: "attempted" }>) => {
    counters.add("hooks_attempts_total", { outcome: report.outcome });
    durations.observe(report.durationMs / 1_000);
    if (!report.settled) counters.add("hooks_unsettled_attempts_total", {});
    else if (report.next.state !== "scheduled")
      counters.add("hooks_deliveries_total", { state: report.next.state });
  };

  return {
    published({ deliveries, duplicate }) {
      counters.add("hooks_published_events_total", { result: duplicate ? "duplicate" : "accepted" });
      if (!duplicate) counters.add("hooks_published_deliveries_total", {}, deliveries);
    },
    refused: (code) => counters.add("hooks_publish_refusals_total", { code }),
    reported(report) {
      if (report.kind === "attempted") attempted(report);
      else if (report.kind === "unrendered")
        counters.add("hooks_render_failures_total", { reason: report.reason });
      else if (report.kind === "fault") counters.add("hooks_worker_faults_total", {});
      else counters.add("hooks_store_failures_total", { during: report.during });
    },
    requested: ({ route, method, status }) =>
      counters.add("hooks_http_requests_total", { route, method, status: String(status) }),
    render: () => `${[...counters.render(), ...durations.render()].join("\n")}\n`,
  };
}

function createCounters() {
  const families = new Map<string, Map<string, number>>(
    Object.keys(COUNTERS).map((name) => [name, new Map<string, number>()]),
  );
  return {
    add(name: CounterName, labels: Labels, amount = 1): void {
      const family = families.get(name);
      const key = write(labels);
      family?.set(key, (family.get(key) ?? 0) + amount);
    },
    render: (): readonly string[] =>
      Object.entries(COUNTERS).flatMap(([name, help]) => [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} counter`,
        ...[...(families.get(name) ?? [])].map(([labels, value]) => `${name}${labels} ${value}`),
      ]),
  };
}

function createHistogram() {
  const counts = BUCKETS.map(() => 0);
  let count = 0;
  let sum = 0;
  return {
    observe(seconds: number): void {
      count += 1;
      sum += seconds;
      for (const [index, bound] of BUCKETS.entries())
        if (seconds <= bound) counts[index] = (counts[index] ?? 0) + 1;
    },
    render: (): readonly string[] => [
      `# HELP ${DURATION} How long attempts took`,
      `# TYPE ${DURATION} histogram`,
      ...BUCKETS.map((bound, index) => `${DURATION}_bucket{le="${bound}"} ${counts[index]}`),
      `${DURATION}_bucket{le="+Inf"} ${count}`,
      `${DURATION}_sum ${sum}`,
      `${DURATION}_count ${count}`,
    ],
  };
}

/** Values come from closed sets, so nothing in them has to be escaped. */
function write(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
