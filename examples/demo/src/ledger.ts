/** A way through the system whose events are counted together. */
export type Flow = "contract events" | "GitHub payloads";

/** What a request was answered. A `repeat` is a genuine event sent once more, a `forgery` one with a wrong signature. */
export interface Answered {
  readonly kind: "answered";
  readonly flow: Flow;
  readonly id: string;
  readonly request: "first" | "repeat" | "forgery";
  readonly status: number;
  readonly duplicate: boolean | undefined;
}

/** One thing that was seen. The order of facts does not matter. */
export type Fact =
  /** A genuine event was sent; `atMs` is when. */
  | { readonly kind: "sent"; readonly flow: Flow; readonly id: string; readonly atMs: number }
  | Answered
  /** The consumer has handled it. */
  | { readonly kind: "arrived"; readonly flow: Flow; readonly id: string; readonly atMs: number }
  /** Anything else that should not have happened, in one sentence. */
  | { readonly kind: "unexpected"; readonly text: string };

export interface Verdict {
  /** Everything arrived once, every repeat was recognised, every forgery refused, and nothing else happened. */
  readonly ok: boolean;
  readonly flows: Readonly<Record<Flow, FlowVerdict>>;
  /** What failed, one sentence each. */
  readonly faults: readonly string[];
}

export interface FlowVerdict {
  readonly sent: number;
  readonly arrivedOnce: number;
  readonly lost: number;
  readonly repeats: { readonly sent: number; readonly recognised: number };
  readonly forgeries: { readonly sent: number; readonly refused: number };
  /** From sending to handled, nearest rank; `undefined` when nothing arrived. */
  readonly latencyMs: { readonly median: number; readonly p99: number } | undefined;
}

/** Compares what was sent with what arrived. */
export function judge(facts: readonly Fact[]): Verdict {
  const contracts = judgeFlow("contract events", facts);
  const github = judgeFlow("GitHub payloads", facts);
  const unexpected = facts.flatMap((fact) => (fact.kind === "unexpected" ? [fact.text] : []));
  const faults = [...contracts.faults, ...github.faults, ...unexpected];
  const flows = { "contract events": contracts.verdict, "GitHub payloads": github.verdict };
  return { ok: faults.length === 0, flows, faults };
}

/** How each kind of request must be answered. */
const rules = {
  first: { status: 202, duplicate: false, words: "202" },
  repeat: { status: 200, duplicate: true, words: "200 duplicate" },
  forgery: { status: 401, duplicate: undefined, words: "401" },
} as const;

function judgeFlow(flow: Flow, facts: readonly Fact[]): { verdict: FlowVerdict; faults: string[] } {
  const own = facts.filter((fact) => fact.kind !== "unexpected").filter((fact) => fact.flow === flow);
  const sent = new Map(own.flatMap((fact) => (fact.kind === "sent" ? [[fact.id, fact.atMs]] : [])));
  const arrivals = groupArrivals(own);
  const answers = own.filter((fact) => fact.kind === "answered");
  const repeats = answers.filter(({ request }) => request === "repeat");
  const forgeries = answers.filter(({ request }) => request === "forgery");
  const lost = [...sent.keys()].filter((id) => !arrivals.has(id));
  const latencies = [...arrivals].flatMap(([id, [firstMs = 0]]) => {
    const sentMs = sent.get(id);
    return sentMs === undefined ? [] : [firstMs - sentMs];
  });
  const verdict: FlowVerdict = {
    sent: sent.size,
    arrivedOnce: [...sent.keys()].filter((id) => arrivals.get(id)?.length === 1).length,
    lost: lost.length,
    repeats: { sent: repeats.length, recognised: repeats.filter(isAsExpected).length },
    forgeries: { sent: forgeries.length, refused: forgeries.filter(isAsExpected).length },
    latencyMs: summarise(latencies),
  };
  const faults = [
    ...(sent.size === 0 ? ["nothing was sent"] : []),
    ...lost.map((id) => `${id} was lost`),
    ...[...arrivals].flatMap(([id, times]) => {
      if (!sent.has(id)) return [`${id} arrived although nobody genuine sent it`];
      return times.length > 1 ? [`${id} arrived ${times.length} times`] : [];
    }),
    ...answers.filter((answer) => !isAsExpected(answer)).map(describe),
  ];
  return { verdict, faults: faults.map((fault) => `${flow}: ${fault}`) };
}

function groupArrivals(facts: readonly Fact[]): ReadonlyMap<string, readonly number[]> {
  const times = new Map<string, number[]>();
  for (const fact of facts) {
    if (fact.kind === "arrived") times.set(fact.id, [...(times.get(fact.id) ?? []), fact.atMs]);
  }
  return times;
}

function isAsExpected({ request, status, duplicate }: Answered): boolean {
  return status === rules[request].status && duplicate === rules[request].duplicate;
}

function describe({ id, request, status, duplicate }: Answered): string {
  const answer = `${status}${duplicate === true ? " duplicate" : ""}`;
  return `the ${request} request of ${id} was answered ${answer} instead of ${rules[request].words}`;
}

function summarise(latencies: readonly number[]): FlowVerdict["latencyMs"] {
  const sorted = latencies.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1];
  const median = rank(0.5);
  const p99 = rank(0.99);
  return median === undefined || p99 === undefined ? undefined : { median, p99 };
}
