import { isObject, type Json, type JsonObject } from "../../json.ts";
import type { Direction, Finding } from "../visit.ts";
import { diceOf } from "./dice.ts";
import { edgesOf } from "./edges.ts";
import { Generator, type Generated, type Wish } from "./generate.ts";

/** Payloads of all sorts that a contract may allow. */
export function* anyPayloads(writer: JsonObject, count: number): Iterable<Generated> {
  for (let seed = 0; seed <= count; seed++) {
    const generated = new Generator(writer, seed === 0 ? {} : { dice: diceOf(seed) }).payload();
    if (generated !== undefined) yield generated;
  }
}

/** One value of each type, for a member that the writer does not describe. */
const anyValues: readonly Json[] = ["a", 1, 0.5, true, null, {}, []];

/** Payloads that have something at the place of a finding: whatever fits, values at the edge, whatever fits again. */
export function* payloadsFor(
  finding: Finding,
  direction: Direction,
  writer: JsonObject,
): Iterable<Generated> {
  const target = (direction === "subscriber" ? finding.site.newer : finding.site.older) ?? "";
  const make = (wish: Wish, seed?: number) =>
    new Generator(writer, { wish, ...(seed === undefined ? {} : { dice: diceOf(seed) }) }).payload();
  const plain = make({ target });
  if (plain === undefined) return;
  yield plain;
  if (finding.absent !== undefined && isObject(plain.at))
    for (const value of anyValues) {
      const generated = make({ target, value: { ...plain.at, [finding.absent]: value } });
      if (generated !== undefined) yield generated;
    }
  const values = [...(finding.probes ?? []), ...edgesOf(writer, plain.met ?? [])];
  for (const value of values) {
    const generated = make({ target, value });
    if (generated !== undefined) yield generated;
  }
  for (let seed = 1; seed <= 40; seed++) {
    const generated = make({ target }, seed);
    if (generated !== undefined) yield generated;
  }
}
