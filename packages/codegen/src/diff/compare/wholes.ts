import { canonicalJson, isObject, type Json } from "../../json.ts";
import type { Verdict } from "../comparison.ts";
import { groups } from "../keywords.ts";
import type { Opaque } from "../shape.ts";
import type { Direction, Visit } from "../visit.ts";

/** Whether the keyword only takes values away, so that adding it can hurt a replay alone. */
function isKnown(keyword: string): boolean {
  return (
    keyword === "anyOf" || keyword === "oneOf" || (Object.hasOwn(groups, keyword) && !isEntangled(keyword))
  );
}

/** What these mean depends on everything beside them. */
function isEntangled(keyword: string): boolean {
  return keyword === "unevaluatedProperties" || keyword === "unevaluatedItems";
}

/** A reader asks nothing of names: there may always be newer ones. */
const unread = { subscriber: "ok", replay: "ok" } as const;

/** Compares keywords as wholes: the same, or not. */
export function compareWholes(visit: Visit): void {
  const { older, newer, site, report } = visit;
  const added = [...newer.opaque.values()].filter(({ text }) => !older.opaque.has(text));
  const removed = [...older.opaque.values()].filter(({ text }) => !newer.opaque.has(text));
  for (const keyword of new Set([...added, ...removed].map((opaque) => opaque.keyword))) {
    const after = added.find((opaque) => opaque.keyword === keyword);
    const before = removed.find((opaque) => opaque.keyword === keyword);
    const pointer = (after ?? before)?.pointer;
    const place = pointer === undefined ? {} : { pointer };
    const rule = ruleFor(keyword, before, after);
    const isOnly = [added, removed].every((all) => all.filter((one) => one.keyword === keyword).length === 1);
    const told = isOnly && before !== undefined && after !== undefined ? tell[keyword]?.(before, after) : {};
    const verdicts = keyword === "propertyNames" ? unread : told;
    report({ rule, site, ...place, ...(verdicts === undefined ? {} : { verdicts }), detail: { keyword } });
  }
}

type Verdicts = Readonly<Partial<Record<Direction, Verdict>>>;

/** What can be told of two keywords that differ only in numbers or in values: each direction that is harmless. */
const tell: Readonly<Record<string, (before: Opaque, after: Opaque) => Verdicts>> = {
  contains: ({ said: before }, { said: after }) => {
    if (before["contains"]?.text !== after["contains"]?.text) return {};
    const [old, now] = [countsOf(before), countsOf(after)];
    return harmless(
      now.least >= old.least && now.most <= old.most,
      old.least >= now.least && old.most <= now.most,
    );
  },
  not: ({ said: before }, { said: after }) => {
    const [old, now] = [excludedBy(before["not"]?.value), excludedBy(after["not"]?.value)];
    if (old === undefined || now === undefined) return {};
    return harmless(
      old.every((value) => now.includes(value)),
      now.every((value) => old.includes(value)),
    );
  },
};

function harmless(isRead: boolean, isReplayed: boolean): Verdicts {
  return { ...(isRead ? { subscriber: "ok" } : {}), ...(isReplayed ? { replay: "ok" } : {}) };
}

function countsOf({ minContains, maxContains }: Opaque["said"]) {
  return {
    least: Number(minContains?.value ?? 1),
    most: Number(maxContains?.value ?? Number.POSITIVE_INFINITY),
  };
}

/** The values, as canonical text, of a schema that is nothing but a list of values. */
function excludedBy(schema: Json | undefined): readonly string[] | undefined {
  if (!isObject(schema) || Object.keys(schema).length !== 1) return undefined;
  const values = Array.isArray(schema["enum"]) ? schema["enum"] : [schema["const"]];
  return values.every((value) => value !== undefined)
    ? values.map((value) => canonicalJson(value))
    : undefined;
}

function ruleFor(keyword: string, before: Opaque | undefined, after: Opaque | undefined) {
  if (isEntangled(keyword)) return "CONSTRAINT_CHANGED";
  if (!isKnown(keyword)) return "UNKNOWN_KEYWORD_CHANGED";
  if (before === undefined) return "CONSTRAINT_ADDED";
  return after === undefined ? "CONSTRAINT_REMOVED" : "CONSTRAINT_CHANGED";
}

/**
 * A keyword that means "all that nothing else speaks of" may mean something else once anything beside it changed.
 * `hasChanged`: something in or below this schema did.
 */
export function compareEntangled(visit: Visit, hasChanged: boolean): void {
  const { older, newer, site, report } = visit;
  if (!hasChanged) return;
  for (const { keyword, pointer, text } of newer.opaque.values())
    if (isEntangled(keyword) && older.opaque.has(text))
      report({ rule: "CONSTRAINT_CHANGED", site, pointer, detail: { keyword } });
}
