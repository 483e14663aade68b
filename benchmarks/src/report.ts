import { availableParallelism, cpus } from "node:os";
import Table from "cli-table3";
import type { BenchRow } from "./benches.ts";
import type { ComparisonResult, Standing } from "./measure.ts";

/** A standard error above this makes a median worth little. */
const noisyError = 0.05;

/** The machine the numbers are of. */
export function machineText(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  return `Node.js ${process.version}, ${availableParallelism()} × ${model}`;
}

/** One table: a line for each contender of each comparison. */
export function benchTable({ name, summary }: BenchRow, results: readonly ComparisonResult[]): string {
  const table = new Table({
    head: ["", "contender", "median", "ours ÷ it", "target", ""],
    colAligns: ["left", "left", "right", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const result of results) {
    for (const [index, standing] of result.standings.entries()) {
      table.push([index === 0 ? result.name : "", ...cells(standing, result)]);
    }
  }
  return [`${name}: ${summary}`, table.toString(), ...warnings(results)].join("\n");
}

/** The lists of benches, for `--help`. */
export function benchList(rows: readonly BenchRow[]): string {
  const width = Math.max(...rows.map((row) => row.name.length));
  return rows.map((row) => `  ${row.name.padEnd(width)}  ${row.summary}`).join("\n");
}

function cells(standing: Standing, { unit, better }: ComparisonResult): string[] {
  const { name, median, ratio, target, isMet } = standing;
  return [
    name,
    `${numberText(median)} ${unit}`,
    ratio === undefined ? "" : ratioText(ratio),
    target === undefined ? "" : `${better === "higher" ? "≥" : "≤"} ${target}`,
    isMet === undefined ? "" : isMet ? "met" : "MISSED",
  ];
}

function ratioText(ratio: number): string {
  return ratio >= 0.1 ? ratio.toFixed(2) : ratio.toPrecision(2);
}

function numberText(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

function warnings(results: readonly ComparisonResult[]): string[] {
  const noisy = results.flatMap((result) =>
    result.standings
      .filter((standing) => standing.error > noisyError)
      .map(({ name, error }) => `${result.name}, ${name} (±${Math.round(error * 100)} %)`),
  );
  return noisy.length === 0 ? [] : [`Noisy, measure again on a quiet machine: ${noisy.join("; ")}`];
}
