import type { Json, JsonObject } from "../json.ts";
import { sensitivePointers } from "../normalise/sensitive.ts";
import { toIssues, type ContractIssue } from "../runtime/issue.ts";
import type { Check } from "../runtime/row.ts";
import { faultsAt, type Fault } from "./faults.ts";
import type { SchemaFacts } from "./value-builder.ts";
import { placesOf, type Place } from "./places.ts";

/** A payload with one fault, and the one issue the closed validator gives for it. */
export interface Mutant {
  /** Where and what is wrong, such as `/object/id missing`; no two mutants of a contract share it. */
  readonly name: string;
  /** The place of the fault, and what is wrong there: together the name. */
  readonly at: string;
  readonly what: string;
  readonly data: Json;
  /** `pointer` is relative to the payload. */
  readonly expect: { readonly pointer: string; readonly keyword: string; readonly code: string };
  /** What the open validator says: it takes unknown members, and values of an enum that says it will grow. */
  readonly open: "accepts" | "refuses";
}

/** A contract's two validators, compiled. */
export interface Checks {
  readonly closed: Check;
  readonly open: Check;
}

interface Mutating {
  readonly facts: SchemaFacts;
  readonly checks: Checks;
  readonly most: number;
}

/** So many payloads are tried for each mutant that is wanted. */
const triesEach = 3;

/** Payloads with one fault each, of every place: what has more than one issue, or another than was meant, is left out. */
export function mutantsOf(schema: JsonObject, { facts, checks, most }: Mutating): readonly Mutant[] {
  const { $defs: _definitions, ...root } = schema;
  const { closed, open } = checks;
  const sensitive = sensitivePointers(schema);
  const found = new Map<string, Mutant>();
  const seen = new Set<string>();
  let tried = 0;
  for (const place of placesOf(root, facts))
    for (const fault of faultsAt(place, facts)) {
      if (found.size >= most || ++tried > triesEach * most) return [...found.values()];
      const data = place.wrap(fault.value);
      const { what } = fault;
      const at = place.pointer + fault.pointer;
      const name = `${at} ${what}`.trim();
      const text = JSON.stringify(data);
      if (found.has(name) || seen.has(text) || closed(data)) continue;
      const [issue, ...others] = toIssues(closed.errors ?? [], data, sensitive);
      if (issue === undefined || others.length > 0 || !isMeant(issue, place, fault)) continue;
      seen.add(text);
      const expect = { pointer: inData(issue), keyword: issue.keyword, code: issue.code };
      found.set(name, { name, at, what, data, expect, open: open(data) ? "accepts" : "refuses" });
    }
  return [...found.values()];
}

/** The issue is at the fault and of its kind; or it is of a union around it, which does not look further. */
function isMeant(issue: ContractIssue, place: Place, fault: Fault): boolean {
  const pointer = inData(issue);
  const at = place.pointer + fault.pointer;
  if (pointer === at) return issue.keyword === fault.keyword || kin(issue.keyword, fault.keyword);
  return at.startsWith(`${pointer}/`) && unions.has(issue.keyword);
}

const unions = new Set(["anyOf", "oneOf", "discriminator", "not", "if"]);

/** A listed value may be written as a constant, a tag or a union of constants. */
function kin(given: string, meant: string): boolean {
  if (unions.has(given)) return true;
  return meant === "enum" ? /^(?:const|type)$/.test(given) : given === "unevaluatedProperties";
}

function inData({ pointer }: ContractIssue): string {
  return pointer.slice("/data".length);
}
