import pc from "picocolors";
import { hops, type Journey } from "./journey.ts";
import type { Verdict } from "./ledger.ts";
import { type Place, renderPlaces, renderSummary } from "./tables.ts";

export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What the demo shows. Without a terminal there are only plain lines. */
export interface Screen {
  say(text: string): void;
  title(text: string): void;
  fail(text: string): void;
  places(places: readonly Place[]): void;
  /** What the words of a journey mean. */
  legend(): void;
  journey(journey: Journey): void;
  progress(done: number, total: number): void;
  summary(verdict: Verdict): void;
}

/** A journey in words with its times fits into this many columns; in narrower terminals the words are a heading. */
const wideColumns = 100;
/** … and into so many also with what the consumer did. */
const notedColumns = 145;
const typeColumns = 23;
const barColumns = 40;
const shownFaults = 20;

export function createScreen(output: Output): Screen {
  const isTerminal = output.isTTY === true;
  const columns = output.columns ?? Number.POSITIVE_INFINITY;
  const isWide = columns >= wideColumns;
  const colors = pc.createColors(isTerminal && pc.isColorSupported);
  const say = (text: string) => void output.write(`${text}\n`);
  const progress = isTerminal ? drawBar(output) : sayQuarters(say);
  return {
    say,
    progress,
    title: (text) => say(`\n${colors.bold(text)}\n`),
    fail: (text) => say(colors.red(text)),
    places: (places) => say(renderPlaces(places)),
    legend: () => {
      for (const line of legend) say(colors.dim(line));
      if (!isWide) say(colors.dim(`${"".padEnd(typeColumns)} ${hops.join(" → ")}`));
    },
    journey: ({ type, atMs, note }) => {
      const steps = hops.map((hop) =>
        isWide
          ? `${colors.dim(hop)} ${String(atMs[hop]).padStart(2)}`
          : String(atMs[hop]).padStart(hop.length),
      );
      const line = `${colors.cyan(type.padEnd(typeColumns))} ${steps.join(colors.dim(" → "))}`;
      say(isWide ? `${line} ms${columns < notedColumns ? "" : colors.dim(`  ${note}`)}` : line);
    },
    summary: (verdict) => {
      say(`${renderSummary(verdict.flows)}\n`);
      if (verdict.ok) say(colors.green(`✔ ${praise}`));
      else say(colors.red(`✘ ${verdict.faults.length} faults:`));
      for (const fault of verdict.faults.slice(0, shownFaults)) say(colors.red(`  ${fault}`));
      const rest = verdict.faults.length - shownFaults;
      if (rest > 0) say(colors.red(`  … and ${rest} more`));
    },
  };
}

const praise = "Every event arrived exactly once; all duplicates and forgeries were caught.";

const legend = [
  "  published   it is on the sender's disk",
  "  delivered   the sender has sent it to the gateway",
  "  accepted    the gateway has verified it, and it is on its disk",
  "  forwarded   the gateway has sent it to the consumer",
  "  handled     the consumer's typed handler is done",
  "  in milliseconds since it was given to the sender\n",
];

/** A bar that stays in its line until it is full. */
function drawBar(output: Output): Screen["progress"] {
  return (done, total) => {
    const full = Math.round((barColumns * done) / total);
    const bar = "█".repeat(full) + "░".repeat(barColumns - full);
    output.write(`\r${bar} ${done} of ${total} arrived${done === total ? "\n" : ""}`);
  };
}

/** A line for each quarter. */
function sayQuarters(say: (text: string) => void): Screen["progress"] {
  let said = 0;
  return (done, total) => {
    const quarter = Math.floor((4 * done) / total);
    if (quarter > said) say(`${done} of ${total} arrived`);
    said = Math.max(said, quarter);
  };
}
