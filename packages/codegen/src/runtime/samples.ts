import { createDice, roll } from "./dice.ts";
import { edited, type Edits } from "./edits.ts";
import { expectations } from "./expectations.ts";
import { FixtureError, type Mutant } from "./fixture.ts";
import type { Table } from "./row.ts";

/** What is kept of the payloads of one major: two in full, and how others differ from them. */
export interface SampleData {
  /** Absent where nothing can follow the contract. */
  readonly minimal?: unknown;
  readonly maximal?: unknown;
  /** Each makes another valid payload of the minimal or the maximal one. */
  readonly variations: readonly Edits[];
  /** Each makes a payload with one fault of the minimal one. */
  readonly mutants: readonly MutantRow[];
}

/** Place, what is wrong there, keyword, whether the open validator accepts it (1), edits; where the issue is, if elsewhere. */
export type MutantRow = readonly [
  at: string,
  what: string,
  keyword: string,
  open: 0 | 1,
  edits: Edits,
  pointer?: string,
];

/** Event type to its majors, newest first, as strings. */
export type SampleTable = ReadonlyMap<string, ReadonlyMap<string, SampleData>>;

/** The payloads of one major of an event type; of the newest where none is named. */
export interface SampleQuery {
  readonly type: string;
  readonly major: string | undefined;
}

/** So many variations are tried for one random payload. */
const mostVariations = 12;

/** Throws `FixtureError` when there is no such contract, or when nothing can follow it. */
export function fullSample(table: SampleTable, query: SampleQuery, size: "minimal" | "maximal"): unknown {
  const value = dataOf(table, query)[size];
  if (value === undefined) {
    throw new FixtureError("unsatisfiable_contract", `Nothing can follow the contract of ${query.type}`);
  }
  return value;
}

/**
 * Varies one of the two full payloads here and there, as the seed says. Each step is checked with the contract's
 * closed validator, so what comes out is valid. Throws like `fullSample`.
 */
export function randomSample(
  table: SampleTable,
  query: SampleQuery,
  { seed, closed }: { readonly seed: number; readonly closed: Table },
): unknown {
  const dice = createDice(seed);
  const { variations } = dataOf(table, query);
  const check = closed
    .get(query.type)
    ?.find(({ prefix }, index) =>
      query.major === undefined ? index === 0 : prefix === `${query.major}.`,
    )?.check;
  let value = fullSample(table, query, dice() < 0.5 ? "minimal" : "maximal");
  if (variations.length === 0 || check === undefined) return value;
  for (let count = roll(dice, 0, mostVariations); count > 0; count--) {
    const varied = edited(value, variations[roll(dice, 0, variations.length - 1)] ?? []);
    if (varied !== undefined && check(varied)) value = varied;
  }
  return value;
}

/** Throws `FixtureError` when there is no such contract. */
export function mutantSamples(table: SampleTable, query: SampleQuery): readonly Mutant[] {
  const { minimal, mutants } = dataOf(table, query);
  return mutants.map(([at, what, keyword, open, edits, pointer = at]) => ({
    name: `${at} ${what}`.trim(),
    data: edited(minimal, edits),
    expect: { pointer, keyword, code: expectations[keyword]?.code ?? keyword },
    open: open === 1 ? "accepts" : "refuses",
  }));
}

function dataOf(table: SampleTable, { type, major }: SampleQuery): SampleData {
  const majors = table.get(type);
  const [newest] = majors?.values() ?? [];
  const data = major === undefined ? newest : majors?.get(major);
  if (data !== undefined) return data;
  if (majors === undefined) {
    throw new FixtureError("unknown_event_type", `Expected an event type of this package, got "${type}"`);
  }
  const known = [...majors.keys()].join(", ");
  throw new FixtureError("unknown_version", `Expected a major of ${type} (${known}), got "${major}"`);
}
