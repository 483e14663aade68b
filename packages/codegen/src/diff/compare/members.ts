import { wordsWhere } from "../../pattern/words.ts";
import { isMatchable, matches } from "../matches.ts";
import {
  isNamed,
  memberOf,
  namesOf,
  patternsOf,
  readable,
  readableRest,
  restOf,
  type Member,
} from "../members.ts";
import type { Shape } from "../shape.ts";
import type { Conjunction } from "../source.ts";
import { placeOf, verdict, type Visit } from "../visit.ts";

/** Compares the members of objects: those with a name, those whose name matches a pattern, all others. */
export function compareMembers(visit: Visit): void {
  const { older, newer } = visit;
  if (!older.kinds.has("object") || !newer.kinds.has("object")) return;
  for (const name of new Set([...namesOf(older), ...namesOf(newer)])) compareMember(visit, name);
  comparePatterns(visit);
  compareRest(visit);
}

function compareMember(visit: Visit, name: string): void {
  const { older, newer, descend } = visit;
  const [before, after] = [memberOf(older, name, "writer"), memberOf(newer, name, "writer")];
  const isIn = (shape: Shape, member: Member) => member !== "never" && isNamed(shape, name);
  if (isIn(older, before) && isIn(newer, after)) {
    const pair = { older: readable(older, name), newer: readable(newer, name) };
    descend({ ...pair, site: siteOf(pair.older, pair.newer) });
    compareRequired(visit, name, siteOf(pair.older, pair.newer));
  } else if (isIn(newer, after)) reportAdded(visit, name, after);
  else if (isIn(older, before)) reportRemoved(visit, name, before);
  else compareRequired(visit, name, visit.site);
}

function compareRequired(
  { older, newer, site: object, report }: Visit,
  name: string,
  site: Visit["site"],
): void {
  const [before, after] = [older.required.has(name), newer.required.has(name)];
  if (before === after) return;
  const rule = after ? "REQUIRED_ADDED" : "REQUIRED_REMOVED";
  const pointer = site.newer ?? site.older;
  report({ rule, site: object, ...(pointer === undefined ? {} : { pointer }), absent: name });
}

function reportAdded(visit: Visit, name: string, after: Member): void {
  const { older, newer, site, report, includes } = visit;
  const sources = after === "never" ? [] : after;
  const unnamed = memberOf(older, name, "writer");
  const member = siteOf([], sources);
  const isRead = includes({ older: readable(older, name), newer: sources, site: member }, "subscriber");
  const isReplayed =
    unnamed === "never" || includes({ older: unnamed, newer: sources, site: member }, "replay");
  const isRequired = newer.required.has(name);
  const verdicts = {
    subscriber: verdict(isRead),
    replay: verdict(isReplayed && (!isRequired || older.required.has(name))),
  };
  const pointer = member.newer;
  report({
    rule: isRequired ? "PROP_ADDED_REQUIRED" : "PROP_ADDED_OPTIONAL",
    site: { ...site, ...member },
    ...(pointer === undefined ? {} : { pointer }),
    verdicts,
    absent: name,
  });
  if (older.required.has(name) && !isRequired) compareRequired(visit, name, member);
}

function reportRemoved(visit: Visit, name: string, before: Member): void {
  const { older, newer, site, report, includes } = visit;
  const sources = before === "never" ? [] : before;
  const unnamed = memberOf(newer, name, "writer");
  const member = siteOf(sources, []);
  const isReplayed = includes({ older: sources, newer: readable(newer, name), site: member }, "replay");
  const isRead =
    unnamed === "never" || includes({ older: sources, newer: unnamed, site: member }, "subscriber");
  const isMissed = older.required.has(name) && !newer.required.has(name);
  report({
    rule: "PROP_REMOVED",
    site: { ...site, ...member },
    ...(member.older === undefined ? {} : { pointer: member.older }),
    verdicts: { subscriber: verdict(isRead && !isMissed), replay: verdict(isReplayed) },
    absent: name,
  });
  if (newer.required.has(name) && !older.required.has(name)) compareRequired(visit, name, member);
}

/** Members by pattern: pattern by pattern when both sides have the same, else as far as one side has none. */
function comparePatterns(visit: Visit): void {
  const { older, newer, descend, report, includes, site } = visit;
  const [before, after] = [patternsOf(older), patternsOf(newer)];
  const added = [...after.keys()].filter((pattern) => !before.has(pattern));
  const removed = [...before.keys()].filter((pattern) => !after.has(pattern));
  for (const [pattern, sources] of before) {
    const other = after.get(pattern);
    if (other !== undefined) descend({ older: sources, newer: other, site: siteOf(sources, other) });
  }
  const read = (one: Conjunction, other: Conjunction) =>
    includes({ older: one, newer: other, site }, "subscriber");
  const replayed = (one: Conjunction, other: Conjunction) =>
    includes({ older: one, newer: other, site }, "replay");
  const place = placeOf(visit, "patternProperties");
  const pointer = place === undefined ? {} : { pointer: place };
  if (![...before.keys(), ...after.keys()].every(isMatchable))
    report({ rule: "CONSTRAINT_CHANGED", site, ...pointer, detail: { keyword: "patternProperties" } });
  for (const pattern of added) {
    const sources = after.get(pattern) ?? [];
    const written = restOf(older, "writer");
    const others = overlapping(pattern, before);
    const isRead =
      others.every(([name, other]) => after.has(name) || read(other, sources)) &&
      read(readableRest(older), sources);
    const isReplayed =
      others.every(([, other]) => replayed(other, sources)) &&
      (written === "never" || replayed(written, sources)) &&
      namesOf(older).every((name) => !matches(pattern, name) || namesOf(newer).includes(name));
    const verdicts = { subscriber: verdict(isRead), replay: verdict(isReplayed) };
    report({ rule: "PATTERN_MEMBERS_ADDED", site, ...pointer, verdicts, detail: { to: pattern } });
  }
  for (const pattern of removed) {
    const sources = before.get(pattern) ?? [];
    const written = restOf(newer, "writer");
    const others = overlapping(pattern, after);
    const isReplayed =
      others.every(([name, other]) => before.has(name) || replayed(sources, other)) &&
      replayed(sources, readableRest(newer));
    const isRead =
      others.every(([, other]) => read(sources, other)) && (written === "never" || read(sources, written));
    const verdicts = { subscriber: verdict(isRead), replay: verdict(isReplayed) };
    report({ rule: "PATTERN_MEMBERS_REMOVED", site, ...pointer, verdicts, detail: { from: pattern } });
  }
}

/** The patterns of a side that a name may match beside another pattern. */
function overlapping(
  pattern: string,
  patterns: ReadonlyMap<string, Conjunction>,
): readonly (readonly [string, Conjunction])[] {
  return [...patterns].filter(([other]) => wordsWhere({ all: [pattern, other], none: [] })?.isEmpty !== true);
}

/** Members that neither a name nor a pattern is about. */
function compareRest(visit: Visit): void {
  const { older, newer, report, descend, includes } = visit;
  const [before, after] = [restOf(older, "writer"), restOf(newer, "writer")];
  if (before === "never" && after === "never") return;
  const sources = { older: readableRest(older), newer: readableRest(newer) };
  const site = siteOf(sources.older, sources.newer);
  const place = placeOf(visit, "additionalProperties");
  const shown = { site: { ...visit.site, ...site }, ...(place === undefined ? {} : { pointer: place }) };
  if (before === "never")
    report({
      rule: "ADDITIONAL_OPENED",
      ...shown,
      verdicts: { subscriber: verdict(includes({ ...sources, site }, "subscriber")), replay: "ok" },
    });
  else if (after === "never")
    report({
      rule: "ADDITIONAL_CLOSED",
      ...shown,
      verdicts: { subscriber: "ok", replay: verdict(includes({ ...sources, site }, "replay")) },
    });
  else if (before.length > 0 && after.length > 0) descend({ ...sources, site });
  else if (before.length + after.length > 0) {
    const pair = { ...sources, site };
    const verdicts = {
      subscriber: verdict(includes(pair, "subscriber")),
      replay: verdict(includes(pair, "replay")),
    };
    report({ rule: "ADDITIONAL_CHANGED", ...shown, verdicts });
  }
}

function siteOf(older: Conjunction, newer: Conjunction): Visit["site"] {
  return {
    ...(older[0] === undefined ? {} : { older: older[0].pointer }),
    ...(newer[0] === undefined ? {} : { newer: newer[0].pointer }),
  };
}
