import { wordsWhere } from "../../pattern/words.ts";
import { boundedKinds, boundKeywords, isNarrower } from "../bounds.ts";
import type { Bound, BoundName, Shape } from "../shape.ts";
import { pointedAt, placeOf, verdict, type Direction, type Visit } from "../visit.ts";
import type { RuleId } from "../rules/rules.ts";
import type { Covered } from "./values.ts";

/** Compares lengths, counts, ranges, patterns and formats, each where both sides have the type it is about. */
export function compareLimits(visit: Visit, covered: Covered): void {
  const { older, newer } = visit;
  if (older.written !== undefined && newer.written !== undefined) return;
  const shared = new Set([...older.kinds].filter((kind) => newer.kinds.has(kind)));
  for (const name of Object.keys(boundedKinds) as BoundName[])
    if (boundedKinds[name].some((kind) => shared.has(kind))) compareBound(visit, name, covered);
  if (shared.has("integer") || shared.has("fraction")) compareMultiples(visit, covered);
  if (shared.has("string")) {
    compareTexts(visit, "pattern", covered);
    compareTexts(visit, "format", covered);
  }
  if (shared.has("array")) compareUnique(visit);
}

/** A reader takes any number of members: there may always be newer ones. */
const unread: Covered = { subscriber: true, replay: true };

function compareBound(visit: Visit, name: BoundName, covered: Covered): void {
  const { older, newer, site, report } = visit;
  const [before, after] = [older.bounds.get(name), newer.bounds.get(name)];
  const isTightened = isNarrower(name, after, before);
  if (!isTightened && !isNarrower(name, before, after)) return;
  const keywords = boundKeywords.filter((each) => each.name === name).map(({ keyword }) => keyword);
  const keyword =
    keywords.find((each) => (after === undefined ? older : newer).places.has(each)) ?? keywords[0];
  report({
    rule: isTightened ? "BOUND_TIGHTENED" : "BOUND_LOOSENED",
    site,
    ...pointedAt(placeOf(visit, ...keywords)),
    verdicts: unlessCovered(isTightened ? "replay" : "subscriber", name === "members.max" ? unread : covered),
    detail: { from: shown(before), to: shown(after), ...(keyword === undefined ? {} : { keyword }) },
  });
}

function compareMultiples(visit: Visit, covered: Covered): void {
  const { older, newer, site, report } = visit;
  const isSame = [...older.multiples].every((each) => newer.multiples.has(each));
  if (isSame && older.multiples.size === newer.multiples.size) return;
  report({
    rule: "MULTIPLE_OF_CHANGED",
    site,
    ...pointedAt(placeOf(visit, "multipleOf")),
    verdicts: {
      subscriber: verdict(covered.subscriber || isImplied(older, newer)),
      replay: verdict(covered.replay || isImplied(newer, older)),
    },
    detail: { from: list(older.multiples), to: list(newer.multiples) },
  });
}

/** Whether whatever the other admits is a multiple as the one asks. */
function isImplied(one: Shape, other: Shape): boolean {
  return [...one.multiples].every((step) =>
    [...other.multiples].some((each) => each === step || isWholeMultiple(each, step)),
  );
}

/** Of integers, and of fractions that are twice, four times … as large: any other quotient of fractions is not exact. */
function isWholeMultiple(value: number, step: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(step)) return value % step === 0;
  const ratio = value / step;
  return ratio >= 1 && Number.isInteger(Math.log2(ratio)) && step * ratio === value;
}

function compareTexts(visit: Visit, keyword: "pattern" | "format", covered: Covered): void {
  const { older, newer, site, report } = visit;
  const isPattern = keyword === "pattern";
  const [before, after] = isPattern ? [older.patterns, newer.patterns] : [older.formats, newer.formats];
  const isAdded = [...after].some((each) => !before.has(each));
  const isRemoved = [...before].some((each) => !after.has(each));
  if (!isAdded && !isRemoved) return;
  const kind = isAdded && isRemoved ? "CHANGED" : isAdded ? "ADDED" : "REMOVED";
  const rule: RuleId = `${keyword === "pattern" ? "PATTERN" : "FORMAT"}_${kind}`;
  report({
    rule,
    site,
    ...pointedAt(placeOf(visit, keyword)),
    verdicts: {
      subscriber: verdict(!isRemoved || covered.subscriber || (isPattern && areMatched(before, after))),
      replay: verdict(!isAdded || covered.replay || (isPattern && areMatched(after, before))),
    },
    detail: { from: list(before), to: list(after), keyword },
  });
}

/** Whether whatever the writer's patterns let pass matches the reader's, too. */
function areMatched(reader: ReadonlySet<string>, writer: ReadonlySet<string>): boolean {
  return [...reader].every((pattern) => wordsWhere({ all: [...writer], none: [pattern] })?.isEmpty === true);
}

function compareUnique(visit: Visit): void {
  const { older, newer, site, report } = visit;
  if (older.unique === newer.unique) return;
  const rule = newer.unique ? "UNIQUE_ITEMS_ADDED" : "UNIQUE_ITEMS_REMOVED";
  report({ rule, site, ...pointedAt(placeOf(visit, "uniqueItems")) });
}

function unlessCovered(direction: Direction, covered: Covered): Partial<Record<Direction, "ok">> {
  return covered[direction] ? { [direction]: "ok" } : {};
}

function shown(bound: Bound | undefined): string {
  if (bound === undefined) return "none";
  return bound.exclusive ? `${bound.value} (exclusive)` : String(bound.value);
}

function list(values: ReadonlySet<string | number>): string {
  return [...values].join(" and ") || "nothing";
}
