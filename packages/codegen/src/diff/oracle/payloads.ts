import { isObject, type Json, type JsonObject } from "../../json.ts";
import { createDice } from "../../runtime/dice.ts";
import type { Direction, Finding } from "../visit.ts";
import { edgesOf } from "./edges.ts";
import { Generator, type Generated, type Wish } from "./generate.ts";
import type { Place } from "./place.ts";
import type { Court } from "./trial.ts";

/** Payloads of all sorts that a contract may allow. */
export function* anyPayloads(writer: JsonObject, count: number): Iterable<Generated> {
  for (let seed = 0; seed <= count; seed++) {
    const generated = new Generator(writer, seed === 0 ? {} : { dice: createDice(seed) }).payload();
    if (generated !== undefined) yield generated;
  }
}

/** One value of each type, for a member that the writer does not describe. */
const anyValues: readonly Json[] = ["a", 1, 0.5, true, null, {}, []];

/** Payloads that have something at the place of a finding: whatever fits, values at the edge, whatever fits again. */
export function* payloadsFor(
  finding: Finding,
  direction: Direction,
  { writer, reader }: Pick<Court, "writer" | "reader">,
): Iterable<Generated> {
  const { older = "", newer = "" } = finding.site;
  const [target, place] = direction === "subscriber" ? [newer, older] : [older, newer];
  const make = (wish: Wish, seed?: number) =>
    new Generator(writer, { wish, ...(seed === undefined ? {} : { dice: createDice(seed) }) }).payload();
  const plain = make({ target });
  if (plain === undefined) return;
  yield plain;
  for (const value of valuesFor(finding, plain, { writer, reader: placeAt(reader, place) })) {
    const generated = make({ target, value });
    if (generated !== undefined) yield generated;
  }
  for (let seed = 1; seed <= 40; seed++) {
    const generated = make({ target }, seed);
    if (generated !== undefined) yield generated;
  }
}

interface Sides {
  readonly writer: JsonObject;
  readonly reader: Place;
}

/** Values to stand at a place, given what would stand there anyhow. */
function* valuesFor(
  { absent, probes }: Finding,
  { at, met = [] }: Generated,
  { writer, reader }: Sides,
): Iterable<Json> {
  if (absent !== undefined && isObject(at)) for (const value of anyValues) yield { ...at, [absent]: value };
  yield* probes ?? [];
  yield* edgesOf({ root: writer, sources: met }, reader);
}

/** The schemas at a pointer, references being stepped through. */
function placeAt(root: JsonObject, target: string): Place {
  const reached = new Generator(root, { wish: { target } }).payload();
  return { root, sources: reached?.met ?? [] };
}
