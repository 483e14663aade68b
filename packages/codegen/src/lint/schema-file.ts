import { pointerTo, type JsonObject } from "../json.ts";
import type { Problem } from "../problem.ts";
import type { LintLevel } from "../project.ts";
import type { Bundled } from "../normalise/bundle.ts";
import { descend, type Place } from "../schema.ts";
import { annotations, anyKeywords, keywords } from "./keywords.ts";
import { nearest } from "./nearest.ts";
import { ambiguousRecursions } from "./recursion.ts";
import { placeRules, type PlaceRule } from "./place-rules.ts";

/**
 * Checks one schema file. `strict`: every keyword and annotation known and well-formed, every place within the profile.
 * `relaxed`: what is known is well-formed, nothing is a misspelt annotation of ours, and nothing is dangerous to run.
 */
export function lintSchemaFile(file: string, schema: JsonObject, level: LintLevel): readonly Problem[] {
  const rules = placeRules.filter((rule) => rule.level === "always" || level === "strict");
  const problems = descend(schema).flatMap((place) => {
    const misspelt = lintKeywords(file, place, level);
    return misspelt.length > 0 ? misspelt : rules.flatMap((rule) => applyRule(rule, file, place));
  });
  const unknown = problems.filter(({ code }) => code === "unknown_keyword");
  return problems.filter((problem) => !unknown.some((one) => isInside(problem, one)));
}

/** Checks a bundled schema for what is unsafe; problems point to where its definitions stood. */
export function lintBundled(file: string, { schema, origins }: Bundle): readonly Problem[] {
  const unsafe = lintSchemaFile(file, schema, "relaxed");
  const problems =
    unsafe.length > 0 ? unsafe : ambiguousRecursions(schema).map((name) => tooSlow(file, name));
  return problems.map((problem) => {
    const [, name, rest = ""] = /^\/\$defs\/([^/]+)(.*)$/s.exec(problem.pointer) ?? [];
    const origin = name === undefined ? undefined : origins.get(name);
    return origin === undefined ? problem : { ...problem, file: origin.file, pointer: origin.pointer + rest };
  });
}

function tooSlow(file: string, name: string): Problem {
  const message =
    "It contains itself in several ways that nothing tells apart, and each would be tried at every level of a payload: " +
    "the time doubles with the depth. Let a required member with a constant tell the branches apart, or say once what they share.";
  return { code: "too_complex", file, pointer: pointerTo("/$defs", name), message };
}

type Bundle = Extract<Bundled, { readonly ok: true }>;

/** What lies in a keyword that is refused is not looked at. */
function isInside(problem: Problem, unknown: Problem): boolean {
  return problem !== unknown && `${problem.pointer}/`.startsWith(`${unknown.pointer}/`);
}

function lintKeywords(file: string, { pointer, schema }: Place, level: LintLevel): readonly Problem[] {
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const at = pointerTo(pointer, keyword);
    const kind = keyword.startsWith("x-") ? "annotation" : "keyword";
    const table = kind === "annotation" ? annotations : level === "strict" ? keywords : anyKeywords;
    const rule = Object.hasOwn(table, keyword) ? table[keyword] : undefined;
    if (rule === undefined) return unknownKeyword(file, at, { kind, keyword, table, level });
    if (rule.accepts(value)) return [];
    const message = `${keyword} must be ${rule.expected}.`;
    return [{ code: `invalid_${kind}`, file, pointer: at, message }];
  });
}

interface Unknown {
  readonly kind: "annotation" | "keyword";
  readonly keyword: string;
  readonly table: Readonly<Record<string, unknown>>;
  readonly level: LintLevel;
}

/** Where anybody's schemas are read, only what looks like a slip in one of our annotations is a problem. */
function unknownKeyword(
  file: string,
  pointer: string,
  { kind, keyword, table, level }: Unknown,
): readonly Problem[] {
  const isStrict = level === "strict";
  const meant = nearest(keyword, Object.keys(table), isStrict ? 3 : 2);
  if (!isStrict && (kind === "keyword" || meant === undefined)) return [];
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  const message = `${keyword} is not part of the profile.${hint}`;
  return [{ code: `unknown_${kind}`, file, pointer, message }];
}

function applyRule(rule: PlaceRule, file: string, place: Place): readonly Problem[] {
  return rule.findings(place).map(({ pointer = "", message }) => ({
    code: rule.code,
    file,
    pointer: place.pointer + pointer,
    message,
  }));
}
