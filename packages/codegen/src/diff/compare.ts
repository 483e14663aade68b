import { canonicalJson, isObject, type JsonObject } from "../json.ts";
import { bumps, type Bump, type Change, type Comparison, type Verdict } from "./comparison.ts";
import { rules } from "./rules/rules.ts";
import type { Finding } from "./visit.ts";
import { verdictOf, walk } from "./walk.ts";
import { whereOf } from "./where.ts";

/**
 * Compares two versions of a contract, both bundled: may a subscriber of the older one receive events of the newer
 * one, and may events sent under the older one be read with the newer one? Writers are closed, readers open.
 *
 * `ok` is a promise: what cannot be shown to be harmless is `breaking`. Each breaking change carries a payload that
 * proves it, or says that it is unproven. The bump is the greatest that any change asks for; while the older version
 * is alpha or beta it is minor at most.
 */
export function compareContracts(older: JsonObject, newer: JsonObject): Comparison {
  if (isSame(older, newer)) return { changes: [], subscriber: "ok", replay: "ok", bump: "none" };
  const findings = walk({ older, newer });
  const found: readonly Finding[] =
    findings.length > 0 ? findings : [{ rule: "RESTATED", site: { older: "", newer: "" } }];
  const cap = isUnstable(older) ? "minor" : "major";
  return summary(found.map((finding) => changeOf(finding, cap)));
}

function changeOf(finding: Finding, cap: Bump): Change {
  const { rule, site, detail } = finding;
  const pointer = finding.pointer ?? site.newer ?? site.older ?? "";
  const [subscriber, replay] = [verdictOf(finding, "subscriber"), verdictOf(finding, "replay")];
  const isBreaking = subscriber === "breaking" || replay === "breaking";
  return {
    rule,
    pointer,
    subscriber,
    replay,
    bump: least(isBreaking ? "major" : rules[rule].bump, cap),
    message: rules[rule].message({ ...detail, where: whereOf(site.newer ?? site.older ?? "") }),
    proof: isBreaking ? "unproven" : "none",
  };
}

function summary(changes: readonly Change[]): Comparison {
  return {
    changes,
    subscriber: worst(changes.map(({ subscriber }) => subscriber)),
    replay: worst(changes.map(({ replay }) => replay)),
    bump: changes.map(({ bump }) => bump).reduce(greatest, "none"),
  };
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes("breaking") ? "breaking" : "ok";
}

function greatest(one: Bump, other: Bump): Bump {
  return bumps.indexOf(one) > bumps.indexOf(other) ? one : other;
}

function least(one: Bump, other: Bump): Bump {
  return bumps.indexOf(one) < bumps.indexOf(other) ? one : other;
}

function isUnstable(schema: JsonObject): boolean {
  return schema["x-lifecycle"] === "alpha" || schema["x-lifecycle"] === "beta";
}

/** Equal but for the version a contract says it has. */
function isSame(older: JsonObject, newer: JsonObject): boolean {
  return canonicalJson(withoutVersion(older)) === canonicalJson(withoutVersion(newer));
}

function withoutVersion(schema: JsonObject): JsonObject {
  const event = schema["x-event"];
  if (!isObject(event)) return schema;
  const { version: _version, ...rest } = event;
  return { ...schema, "x-event": rest };
}
