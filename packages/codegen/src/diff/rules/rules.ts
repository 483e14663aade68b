import { annotationRules } from "./annotations.ts";
import { limitRules } from "./limits.ts";
import { memberRules } from "./members.ts";
import type { Rule } from "./rule.ts";
import { valueRules } from "./values.ts";
import { wholeRules } from "./wholes.ts";

const all = { ...memberRules, ...valueRules, ...limitRules, ...wholeRules, ...annotationRules };

export type RuleId = keyof typeof all;

/** Every kind of change that a comparison tells of. */
export const rules: Readonly<Record<RuleId, Rule>> = all;
