import type { Verdict } from "./comparison.ts";
import { rules } from "./rules/rules.ts";
import type { Direction, Finding } from "./visit.ts";

/** What a finding means for a reader: what the walk says, else what its rule says. */
export function verdictOf({ rule, verdicts }: Finding, direction: Direction): Verdict {
  const effect = rules[rule][direction];
  return verdicts?.[direction] ?? (effect === "depends" ? "breaking" : effect);
}
