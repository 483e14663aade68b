import type { BenchOptions, Comparison, Contender } from "./bench.ts";

/** What one contender reached. */
export interface Standing {
  readonly name: string;
  /** The median of all rounds, in the comparison's unit. */
  readonly median: number;
  /** The median of ours divided by this one, each pair from the same round; absent on ours. */
  readonly ratio?: number;
  readonly target?: number;
  readonly isMet?: boolean;
  /** The standard error of the median ratio (on ours: of the measurement), as a share of it. */
  readonly error: number;
}

/** A comparison, measured; ours stands first. */
export interface ComparisonResult {
  readonly name: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly rounds: number;
  readonly standings: readonly Standing[];
}

/**
 * Measures all contenders in turn, round after round and each round in another order, so that whatever else the machine
 * does falls on all of them alike. The first round only warms up.
 */
export async function measure(comparison: Comparison, { quick }: BenchOptions): Promise<ComparisonResult> {
  const rounds = comparison.rounds ?? (quick ? 15 : 41);
  const sliceMs = comparison.sliceMs ?? (quick ? 20 : 50);
  const contenders = [comparison.ours, ...comparison.others];
  const samples = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (const contender of contenders) await contender.measure(sliceMs);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length];
      if (contender) samples.get(contender)?.push(await contender.measure(sliceMs));
    }
  }
  const ours = samples.get(comparison.ours) ?? [];
  const { name, unit, better } = comparison;
  const standings = contenders.map((contender) => {
    const own = samples.get(contender) ?? [];
    if (contender === comparison.ours)
      return { name: contender.name, median: quantile(own, 0.5), error: errorOf(own) };
    return standing(contender, { own, ours, better });
  });
  return { name, unit, better, rounds, standings };
}

interface Samples {
  readonly own: readonly number[];
  readonly ours: readonly number[];
  readonly better: Comparison["better"];
}

function standing({ name, target }: Contender, { own, ours, better }: Samples): Standing {
  const ratios = ours.map((value, round) => value / (own[round] ?? Number.NaN));
  const ratio = quantile(ratios, 0.5);
  const measured = { name, median: quantile(own, 0.5), ratio, error: errorOf(ratios) };
  if (target === undefined) return measured;
  return { ...measured, target, isMet: better === "higher" ? ratio >= target : ratio <= target };
}

/** Estimated from the distance between the quartiles, which a few disturbed rounds do not move. */
function errorOf(values: readonly number[]): number {
  const quartiles = quantile(values, 0.75) - quantile(values, 0.25);
  return (0.93 * quartiles) / Math.sqrt(values.length) / quantile(values, 0.5);
}

/** The value below which a share of the values lies, interpolated. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}
