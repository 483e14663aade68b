import type { JsonObject } from "../json.ts";
import { pointerTo } from "../json.ts";
import type { Problem } from "../problem.ts";
import { descend, type Place } from "../schema.ts";
import { annotations, keywords, nearest } from "./keywords.ts";
import { placeRules, type PlaceRule } from "./place-rules.ts";

/** Checks one schema file: every keyword and annotation known and well-formed, every place within the profile. */
export function lintSchemaFile(
  file: string,
  schema: JsonObject,
  level: "strict" | "relaxed",
): readonly Problem[] {
  const rules = placeRules.filter((rule) => rule.level === "always" || level === "strict");
  const problems = descend(schema).flatMap((place) => {
    const misspelt = lintKeywords(file, place);
    return misspelt.length > 0 ? misspelt : rules.flatMap((rule) => applyRule(rule, file, place));
  });
  const unknown = problems.filter(({ code }) => code === "unknown_keyword");
  return problems.filter((problem) => !unknown.some((one) => isInside(problem, one)));
}

/** What lies in a keyword that is refused is not looked at. */
function isInside(problem: Problem, unknown: Problem): boolean {
  return problem !== unknown && `${problem.pointer}/`.startsWith(`${unknown.pointer}/`);
}

function lintKeywords(file: string, { pointer, schema }: Place): readonly Problem[] {
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const at = pointerTo(pointer, keyword);
    const kind = keyword.startsWith("x-") ? "annotation" : "keyword";
    const table = kind === "annotation" ? annotations : keywords;
    const rule = Object.hasOwn(table, keyword) ? table[keyword] : undefined;
    if (rule === undefined) return [unknownKeyword(file, at, { kind, keyword, table })];
    if (rule.accepts(value)) return [];
    const message = `${keyword} must be ${rule.expected}.`;
    return [{ code: `invalid_${kind}`, file, pointer: at, message }];
  });
}

interface Unknown {
  readonly kind: "annotation" | "keyword";
  readonly keyword: string;
  readonly table: Readonly<Record<string, unknown>>;
}

function unknownKeyword(file: string, pointer: string, { kind, keyword, table }: Unknown): Problem {
  const meant = nearest(keyword, Object.keys(table));
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return { code: `unknown_${kind}`, file, pointer, message: `${keyword} is not part of the profile.${hint}` };
}

function applyRule(rule: PlaceRule, file: string, place: Place): readonly Problem[] {
  return rule.findings(place).map(({ pointer = "", message }) => ({
    code: rule.code,
    file,
    pointer: place.pointer + pointer,
    message,
  }));
}
