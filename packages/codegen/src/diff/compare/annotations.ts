import { canonicalJson, type Json } from "../../json.ts";
import type { RuleId } from "../rules/rules.ts";
import { placeOf, type Visit } from "../visit.ts";

type Value = Json | undefined;

const stages = ["alpha", "beta", "stable", "deprecated", "archived"];

/** Which rule a change of an annotation falls under; annotations that are not here have no meaning of their own. */
const rulesOf: Readonly<Record<string, (before: Value, after: Value) => RuleId | undefined>> = {
  title: () => "TITLE_CHANGED",
  description: () => "DESCRIPTION_CHANGED",
  examples: () => "EXAMPLES_CHANGED",
  default: () => "DEFAULT_CHANGED",
  deprecated: (_before, after) => (after === true ? "DEPRECATED_ADDED" : "DEPRECATED_REMOVED"),
  "x-deprecation": () => "DEPRECATION_CHANGED",
  "x-lifecycle": (before, after) =>
    stages.indexOf(String(after ?? "stable")) < stages.indexOf(String(before ?? "stable"))
      ? "LIFECYCLE_REVERSED"
      : "LIFECYCLE_ADVANCED",
  "x-feature-flag": () => "FEATURE_FLAG_CHANGED",
  "x-sensitive": (before) => (before === undefined ? "SENSITIVE_ADDED" : "SENSITIVE_REMOVED"),
  "x-redact": () => "REDACT_CHANGED",
  "x-event": () => "EVENT_CHANGED",
  "x-open-union": (_before, after) => (after === true ? "OPEN_UNION_ON" : "OPEN_UNION_OFF"),
  // Part of the comparison of values.
  "x-open-enum": () => undefined,
  $schema: () => undefined,
  $id: () => undefined,
  $comment: () => undefined,
};

/** Compares what schemas say to people and programs beside the validator. */
export function compareAnnotations(visit: Visit): void {
  const { older, newer, site, report } = visit;
  for (const keyword of new Set([...older.annotations.keys(), ...newer.annotations.keys()])) {
    const [before, after] = [older.annotations.get(keyword), newer.annotations.get(keyword)];
    if (
      canonicalJson(before ?? null) === canonicalJson(after ?? null) &&
      (before === undefined) === (after === undefined)
    )
      continue;
    const find = rulesOf[keyword];
    const rule = find === undefined ? "ANNOTATION_CHANGED" : find(before, after);
    const pointer = placeOf(visit, keyword);
    if (rule !== undefined)
      report({
        rule,
        site,
        ...(pointer === undefined ? {} : { pointer }),
        detail: { keyword, from: worded(before), to: worded(after) },
      });
  }
}

function worded(value: Value): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : canonicalJson(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
