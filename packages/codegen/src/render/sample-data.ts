import { isObject, pointerTo, type Json, type JsonObject } from "../json.ts";
import type { Edit, Edits } from "../runtime/edits.ts";
import type { MutantRow, SampleData } from "../runtime/samples.ts";
import type { Checks, Mutant } from "../samples/mutants.ts";
import { createSamples } from "../samples/samples.ts";

/** So many are kept of each contract, and none that takes more room than this: fixtures are installed by many. */
const limits = { variations: 60, sameFirst: 4, mutants: 150, characters: 1_000 };
/** More of them take more room than that: the shortest, `[""]` and a comma, is five characters long. */
const mostEdits = limits.characters / 5;
/** A contract whose payloads are longer than this keeps fewer. */
const large = { from: 10_000, variations: 20, mutants: 40 };

/** What fixtures keep of the payloads of a bundled contract. */
export function sampleData(schema: JsonObject, checks: Checks): SampleData {
  const samples = createSamples(schema, checks);
  const [minimal, maximal] = [samples.minimal(), samples.maximal()];
  if (minimal === undefined || maximal === undefined) return { variations: [], mutants: [] };
  const most = JSON.stringify(maximal).length > large.from ? { ...limits, ...large } : limits;
  const variations = samples.boundary(3 * most.variations).map((value) => {
    const edits = editsOf(minimal, value);
    return edits.length === 1 ? edits : shortest([edits, editsOf(maximal, value)]);
  });
  return {
    minimal,
    maximal,
    variations: spread(variations.filter(isSmall)).slice(0, most.variations),
    mutants: samples
      .mutants(most.mutants)
      .map((mutant) => mutantRow(minimal, mutant))
      .filter(([, , , , edits]) => isSmall(edits)),
  };
}

function isSmall(edits: Edits): boolean {
  return edits.length > 0 && JSON.stringify(edits).length <= limits.characters;
}

/** A few of those that change the same place. */
function spread(all: readonly Edits[]): readonly Edits[] {
  const counts = new Map<string, number>();
  return all.filter(([first]) => {
    const count = (counts.get(first?.[0] ?? "") ?? 0) + 1;
    counts.set(first?.[0] ?? "", count);
    return count <= limits.sameFirst;
  });
}

function mutantRow(minimal: Json, { at, what, data, expect, open }: Mutant): MutantRow {
  const row = [at, what, expect.keyword, open === "accepts" ? 1 : 0, editsOf(minimal, data)] as const;
  return expect.pointer === at ? row : [...row, expect.pointer];
}

function shortest(all: readonly Edits[]): Edits {
  const sized = all.map((edits) => ({ edits, size: JSON.stringify(edits).length }));
  return sized.toSorted((a, b) => a.size - b.size)[0]?.edits ?? [];
}

/** A pointer that is written out only where it is needed: most places do not change. */
interface Trail {
  readonly before: Trail | undefined;
  readonly segment: string | number;
}

/** What makes one value of another, or more than may be kept of it. */
function editsOf(from: Json, to: Json): Edits {
  const edits: Edit[] = [];
  collectEdits({ from, to, at: undefined }, edits);
  return edits;
}

interface Difference {
  readonly from: Json;
  readonly to: Json;
  readonly at: Trail | undefined;
}

/** Payloads are large and mostly alike, so only what differs costs more than a look. */
function collectEdits({ from, to, at }: Difference, edits: Edit[]): void {
  if (from === to || edits.length > mostEdits) return;
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    for (const [index, item] of (to as readonly Json[]).entries())
      if (from[index] !== item)
        collectEdits({ from: from[index] ?? null, to: item, at: { before: at, segment: index } }, edits);
  } else if (isObject(from) && isObject(to)) collectMembers({ from, to, at }, edits);
  else edits.push(replacing(pointerOf(at), to));
}

function collectMembers(
  { from, to, at }: Difference & { readonly from: JsonObject; readonly to: JsonObject },
  edits: Edit[],
): void {
  for (const name of Object.keys(from))
    if (!Object.hasOwn(to, name)) edits.push([pointerTo(pointerOf(at), name)]);
  for (const name of Object.keys(to)) {
    const [before, value] = [Object.hasOwn(from, name) ? from[name] : undefined, to[name] ?? null];
    if (before === value) continue;
    const trail = { before: at, segment: name };
    if (before === undefined) edits.push(replacing(pointerOf(trail), value));
    else collectEdits({ from: before, to: value, at: trail }, edits);
  }
}

function pointerOf(trail: Trail | undefined): string {
  return trail === undefined ? "" : pointerTo(pointerOf(trail.before), trail.segment);
}

function replacing(pointer: string, value: Json): Edit {
  const [first] = typeof value === "string" ? value : "";
  const isRepeated = typeof value === "string" && value.length > 20 && first !== undefined;
  const times = isRepeated ? value.length / first.length : 0;
  return isRepeated && first.repeat(times) === value ? [pointer, first, times] : [pointer, value];
}
