/** Labels of one sample. */
export type Labels = Readonly<Record<string, string>>;

/** Counts what happens in this process. */
export interface Metrics {
  count(name: CounterName, labels: Labels): void;
  /** Puts a duration in its bucket. */
  observe(name: HistogramName, labels: Labels, seconds: number): void;
  /** Everything counted so far, for another process to add up. */
  snapshot(): MetricsSnapshot;
}

/** What one process has counted: by name, by the labels as they are written. */
export interface MetricsSnapshot {
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly histograms: ReadonlyMap<string, ReadonlyMap<string, Histogram>>;
}

export interface Gauge {
  readonly name: GaugeName;
  readonly labels: Labels;
  readonly value: number;
}

/** One row per metric. */
const counters = {
  hooks_gateway_requests_total: "Requests by source and outcome.",
  hooks_gateway_unverified_total:
    "Requests that were let in although they did not verify, by source and code.",
  hooks_gateway_contract_faults_total: "Events that do not fit their contract, by source and code.",
  hooks_gateway_attempts_total: "Attempts by source, destination and outcome.",
};
const histograms = {
  hooks_gateway_request_duration_seconds: "From the end of the headers to the receipt, by source.",
  hooks_gateway_delivery_age_seconds: "From receipt to confirmation, by source and destination.",
};
const gauges = {
  hooks_gateway_inbox_waiting: "Entries that a destination is still owed, by source.",
  hooks_gateway_inbox_dead: "Dead letters, by source.",
  hooks_gateway_inbox_durable: "1, or 0 where the inbox may lose what it acknowledges.",
  process_resident_memory_bytes: "Resident memory.",
  process_start_time_seconds: "Start of the process, Unix seconds.",
  hooks_gateway_workers: "Processes that take requests.",
};

export type CounterName = keyof typeof counters;
export type HistogramName = keyof typeof histograms;
export type GaugeName = keyof typeof gauges;

const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

export interface Histogram {
  readonly buckets: number[];
  sum: number;
  count: number;
}

export function createMetrics(): Metrics {
  const counts = new Map<string, Map<string, number>>();
  const observed = new Map<string, Map<string, Histogram>>();
  return {
    count: (name, labels) => {
      const series = within(counts, name, () => new Map<string, number>());
      const key = renderLabels(labels);
      series.set(key, (series.get(key) ?? 0) + 1);
    },
    observe: (name, labels, seconds) => {
      const series = within(observed, name, () => new Map<string, Histogram>());
      const histogram = within(series, renderLabels(labels), () => ({
        buckets: bounds.map(() => 0),
        sum: 0,
        count: 0,
      }));
      const bucket = bounds.findIndex((bound) => seconds <= bound);
      if (bucket >= 0) histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
      histogram.sum += seconds;
      histogram.count += 1;
    },
    snapshot: () => ({ counts, histograms: observed }),
  };
}

/** What several processes have counted together. */
export function addUp(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const counts = new Map<string, Map<string, number>>();
  const histograms = new Map<string, Map<string, Histogram>>();
  for (const snapshot of snapshots) {
    for (const [name, series] of snapshot.counts) {
      const sums = within(counts, name, () => new Map<string, number>());
      for (const [labels, value] of series) sums.set(labels, (sums.get(labels) ?? 0) + value);
    }
    for (const [name, series] of snapshot.histograms) {
      const sums = within(histograms, name, () => new Map<string, Histogram>());
      for (const [labels, histogram] of series) sums.set(labels, add(histogram, sums.get(labels)));
    }
  }
  return { counts, histograms };
}

function add(one: Histogram, other: Histogram | undefined): Histogram {
  return {
    buckets: one.buckets.map((count, index) => count + (other?.buckets[index] ?? 0)),
    sum: one.sum + (other?.sum ?? 0),
    count: one.count + (other?.count ?? 0),
  };
}

/** The text format of Prometheus, version 0.0.4, with the given gauges at the end. */
export function renderMetrics(
  { counts, histograms: observed }: MetricsSnapshot,
  given: readonly Gauge[],
): string {
  return [
    ...Object.entries(counters).flatMap(([name, help]) => [
      ...head(name, help, "counter"),
      ...[...(counts.get(name) ?? [])].map(([labels, value]) => line(name, labels, value)),
    ]),
    ...Object.entries(histograms).flatMap(([name, help]) => [
      ...head(name, help, "histogram"),
      ...[...(observed.get(name) ?? [])].flatMap(([labels, histogram]) => lines(name, labels, histogram)),
    ]),
    ...Object.entries(gauges).flatMap(([name, help]) => [
      ...head(name, help, "gauge"),
      ...given
        .filter((gauge) => gauge.name === name)
        .map((gauge) => line(name, renderLabels(gauge.labels), gauge.value)),
    ]),
    "",
  ].join("\n");
}

function within<V>(map: Map<string, V>, key: string, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels === "" ? "" : `{${labels}}`} ${value}`;
}

function lines(name: string, labels: string, { buckets, sum, count }: Histogram): string[] {
  const prefix = labels === "" ? "" : `${labels},`;
  let total = 0;
  const rows = bounds.map((bound, index) => {
    total += buckets[index] ?? 0;
    return line(`${name}_bucket`, `${prefix}le="${bound}"`, total);
  });
  return [
    ...rows,
    line(`${name}_bucket`, `${prefix}le="+Inf"`, count),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

/** Called twice for every request. */
function renderLabels(labels: Labels): string {
  let text = "";
  for (const name in labels) {
    const value = labels[name] ?? "";
    text += `${text === "" ? "" : ","}${name}="${/[\\"\n]/.test(value) ? escape(value) : value}"`;
  }
  return text;
}

/** As the text format wants label values. */
function escape(value: string): string {
  return value.replaceAll(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}
