import type { Verdict } from "./checker.ts";
import type { History, HistoryEntry } from "./history.ts";
import { chooseSeed, createRandom, type Random } from "./random.ts";

/** One run: its seed, its dice, and what happened in it. */
export interface Run {
  readonly name: string;
  readonly seed: number;
  readonly random: Random;
  readonly history: History;
  record(entry: WithoutTime<HistoryEntry> & { readonly atMs?: number }): void;
  /** Elements acknowledged so far; what is acknowledged again does not count. */
  acknowledged(): number;
  /** A name no other run has, for ids. */
  readonly prefix: string;
  /** Prints the one line that tells what the run came to. `SEED` repeats it. */
  summarize(verdict: Verdict, more?: Readonly<Record<string, number | string>>): void;
}

type WithoutTime<T> = T extends unknown ? Omit<T, "atMs"> : never;

export function beginRun(name: string): Run {
  const seed = chooseSeed();
  const history: HistoryEntry[] = [];
  const acknowledged = new Set<string>();
  return {
    name,
    seed,
    random: createRandom(seed),
    history,
    prefix: `${seed.toString(36)}-${Math.random().toString(36).slice(2, 8)}`,
    record: (entry) => {
      history.push({ atMs: Date.now(), ...entry });
      if (entry.kind === "acknowledged") acknowledged.add(entry.id);
    },
    acknowledged: () => acknowledged.size,
    summarize: (verdict, more = {}) => console.log(lineOf({ name, seed, history }, verdict, more)),
  };
}

function lineOf(
  { name, seed, history }: Pick<Run, "name" | "seed" | "history">,
  verdict: Verdict,
  more: Readonly<Record<string, number | string>>,
): string {
  const { acknowledged, ambiguous, refused, lost, duplicated, recovered, unexpected } = verdict;
  const fields = {
    seed,
    faults: history.filter(({ kind }) => kind === "fault").length,
    acked: acknowledged,
    ambiguous: `${ambiguous}${reasonsOf(history)}`,
    refused,
    lost: lost.length,
    dup: duplicated.length,
    unexpected: unexpected.length,
    recovered: recovered.length,
    "max gap": `${verdict.maxGapMs} ms`,
    "longest way": `${verdict.longestWayMs} ms`,
    ...more,
  };
  const text = Object.entries(fields).map(([key, value]) => `${key} ${value}`);
  return `${name}: ${text.join(", ")}`;
}

/** Why clients had no answer, and how often. */
function reasonsOf(history: History): string {
  const ambiguous = history.filter((entry) => entry.kind === "ambiguous");
  const counts = [...Map.groupBy(ambiguous, ({ reason }) => reason)];
  const text = counts.map(([reason, entries]) => `${reason} ${entries.length}`).join(", ");
  return text === "" ? "" : ` (${text})`;
}
