import { canonicalJson, type JsonObject } from "../json.ts";
import { bumps, greatestBump, type Bump, type Change, type Comparison, type Verdict } from "./comparison.ts";
import { contentOf } from "./content.ts";
import { rules } from "./rules/rules.ts";
import { judge, type Judged } from "./oracle/oracle.ts";
import { remember, type Memory } from "./remember.ts";
import { verdictOf } from "./verdict-of.ts";
import { directions, type Finding } from "./visit.ts";
import { walk } from "./walk.ts";
import { whereOf } from "./where.ts";

/**
 * Compares two versions of a contract, both bundled: may a subscriber of the older one receive events of the newer
 * one, and may events sent under the older one be read with the newer one? Writers are closed, readers open.
 *
 * `ok` is a promise: what cannot be shown to be harmless is `breaking`. Each breaking change carries a payload that
 * proves it, or says that it is unproven. The bump is the greatest that any change asks for; while the older version
 * is alpha or beta it is minor at most. The version that a contract says it has, and the examples of the whole, which a
 * release collects from the files beside it, are no part of it.
 */
export function compareContracts(older: JsonObject, newer: JsonObject): Comparison {
  const [before, after] = [contentOf(older), contentOf(newer)];
  return remember(comparisons, [before, after], () => compareAnew(before, after));
}

/** A check asks for the same comparison several times. */
const comparisons: Memory<JsonObject, Comparison> = new WeakMap();

function compareAnew(older: JsonObject, newer: JsonObject): Comparison {
  if (canonicalJson(older) === canonicalJson(newer))
    return { changes: [], subscriber: "ok", replay: "ok", bump: "none" };
  const findings = distinct(walk({ older, newer }));
  const found: readonly Finding[] =
    findings.length > 0 ? findings : [{ rule: "RESTATED", site: { older: "", newer: "" } }];
  const cap = isUnstable(older) ? "minor" : "major";
  return summary(judge(found, { older, newer }).map((judged) => changeOf(judged, cap)));
}

/** What is found again by another way, as a member that several alternatives share, is told of once. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [
    ...new Map(findings.toReversed().map((finding) => [keyOf(finding), finding])).values(),
  ].toReversed();
}

function keyOf(finding: Finding): string {
  const verdicts = directions.map((direction) => verdictOf(finding, direction));
  return [finding.rule, pointerOf(finding), ...verdicts].join(" ");
}

function pointerOf({ pointer, site }: Finding): string {
  return pointer ?? site.newer ?? site.older ?? "";
}

function changeOf({ finding, shown }: Judged, cap: Bump): Change {
  const { rule, detail } = finding;
  const [subscriber, replay] = [verdictOf(finding, "subscriber"), verdictOf(finding, "replay")];
  const broken = directions.filter((direction) => verdictOf(finding, direction) === "breaking");
  const isBreaking = broken.length > 0;
  const [counterexample] = [...shown].map(([direction, data]) => ({ direction, data }));
  return {
    rule,
    pointer: pointerOf(finding),
    subscriber,
    replay,
    bump: least(isBreaking ? "major" : rules[rule].bump, cap),
    message: rules[rule].message({ ...detail, where: whereOf(whereAt(finding)) }),
    action: rules[rule].action,
    proof: isBreaking ? (broken.every((each) => shown.has(each)) ? "counterexample" : "unproven") : "none",
    ...(counterexample === undefined ? {} : { counterexample }),
  };
}

/** The place to speak of: a member that came or went by its own name. */
function whereAt({ site, absent, pointer }: Finding): string {
  return (absent === undefined ? undefined : pointer) ?? site.newer ?? site.older ?? "";
}

/** What changes come to together. */
export function summary<C extends Change>(
  changes: readonly C[],
): Comparison & { readonly changes: readonly C[] } {
  return {
    changes,
    subscriber: worst(changes.map(({ subscriber }) => subscriber)),
    replay: worst(changes.map(({ replay }) => replay)),
    bump: greatestBump(changes.map(({ bump }) => bump)),
  };
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes("breaking") ? "breaking" : "ok";
}

function least(one: Bump, other: Bump): Bump {
  return bumps.indexOf(one) < bumps.indexOf(other) ? one : other;
}

function isUnstable(schema: JsonObject): boolean {
  return schema["x-lifecycle"] === "alpha" || schema["x-lifecycle"] === "beta";
}
