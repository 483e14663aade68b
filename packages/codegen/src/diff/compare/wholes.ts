import { groups } from "../keywords.ts";
import type { Opaque } from "../shape.ts";
import type { Visit } from "../visit.ts";

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
    const verdicts = keyword === "propertyNames" ? { verdicts: unread } : {};
    const literals = [...added, ...removed].flatMap((opaque) => opaque.literals);
    const lists = literals.flatMap((literal) => [[literal], [literal, literal]]);
    report({ rule, site, ...place, ...verdicts, detail: { keyword }, probes: [...literals, ...lists, []] });
  }
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
