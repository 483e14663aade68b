import Table from "cli-table3";
import type { Flow, FlowVerdict, Verdict } from "./ledger.ts";

/** Something that runs. */
export interface Place {
  readonly name: string;
  readonly url: string;
  readonly role: string;
}

/** Without the library's own colours, and without lines between the rows. */
const plain = {
  style: { head: [], border: [] },
  chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
};

export function renderPlaces(places: readonly Place[]): string {
  const table = new Table(plain);
  for (const { name, url, role } of places) table.push([name, url, role]);
  return table.toString();
}

export function renderSummary(flows: Verdict["flows"]): string {
  const names = Object.keys(flows) as Flow[];
  const table = new Table({
    ...plain,
    head: ["", ...names],
    colAligns: ["left", ...names.map(() => "right" as const)],
  });
  for (const [title, show] of rows) table.push([title, ...names.map((name) => show(flows[name]))]);
  return table.toString();
}

const rows: readonly (readonly [string, (verdict: FlowVerdict) => string])[] = [
  ["sent", ({ sent }) => String(sent)],
  ["arrived exactly once", ({ arrivedOnce }) => String(arrivedOnce)],
  ["lost", ({ lost }) => String(lost)],
  ["duplicates recognised", ({ repeats }) => share(repeats.recognised, repeats.sent)],
  ["forgeries refused", ({ forgeries }) => share(forgeries.refused, forgeries.sent)],
  ["median latency", ({ latencyMs }) => milliseconds(latencyMs?.median)],
  ["99th percentile", ({ latencyMs }) => milliseconds(latencyMs?.p99)],
];

function share(part: number, whole: number): string {
  return whole === 0 ? "–" : `${part} of ${whole}`;
}

function milliseconds(time: number | undefined): string {
  return time === undefined ? "–" : `${Math.round(time)} ms`;
}
