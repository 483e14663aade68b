import { canonicalJson, type Json } from "../../json.ts";
import { fulfils } from "../fulfils.ts";
import { kindOf, type Kind, type Shape } from "../shape.ts";
import { pointedAt, placeOf, verdict, type Direction, type Visit } from "../visit.ts";

/** Directions in which everything a writer may send is known to be readable, value by value. */
export type Covered = Readonly<Record<Direction, boolean>>;

/** Compares null, lists of values and types. */
export function compareValues(visit: Visit): Covered {
  const { older, newer } = visit;
  compareNull(visit);
  compareOpenness(visit);
  const covered = {
    subscriber:
      newer.written !== undefined && [...newer.written.values()].every((value) => admits(older, value)),
    replay: older.written !== undefined && [...older.written.values()].every((value) => admits(newer, value)),
  };
  if (older.written !== undefined && newer.written !== undefined) compareLists(visit, covered);
  else if (older.written !== undefined || newer.written !== undefined) compareListed(visit);
  if (older.written === undefined || newer.written === undefined) compareKinds(visit, covered);
  return covered;
}

export function compareNull({ older, newer, site, report }: Visit): void {
  if (older.nullable === newer.nullable) return;
  const rule = newer.nullable ? "NULLABLE_ADDED" : "NULLABLE_REMOVED";
  report({ rule, site, probes: [null] });
}

function compareOpenness(visit: Visit): void {
  const { older, newer, site, report } = visit;
  if (older.isOpenEnum === newer.isOpenEnum) return;
  const pointer = placeOf(visit, "x-open-enum");
  report({ rule: newer.isOpenEnum ? "OPEN_ENUM_ON" : "OPEN_ENUM_OFF", site, ...pointedAt(pointer) });
}

/** A list of values on both sides. */
function compareLists(visit: Visit, covered: Covered): void {
  const { older, newer, site, report } = visit;
  const before = older.written ?? new Map<string, Json>();
  const after = newer.written ?? new Map<string, Json>();
  const added = [...after].filter(([text]) => !before.has(text));
  const removed = [...before].filter(([text]) => !after.has(text));
  const verdicts = { subscriber: verdict(covered.subscriber), replay: verdict(covered.replay) };
  const place = pointedAt(placeOf(visit, "const", "enum"));
  const detail = { from: worded(removed), to: worded(added) };
  const probes = [...added, ...removed].map(([, value]) => value);
  if (before.size === 1 && after.size === 1 && added.length > 0)
    report({ rule: "CONST_CHANGED", site, ...place, detail, probes });
  else {
    const isHarmless = added.length === 0 && removed.length === 0 && covered.subscriber && covered.replay;
    if (added.length > 0 || (!covered.subscriber && !isHarmless))
      report({
        rule: "ENUM_VALUE_ADDED",
        site,
        ...place,
        verdicts: { ...verdicts, replay: "ok" },
        detail,
        probes,
      });
    if (removed.length > 0 || (!covered.replay && !isHarmless))
      report({
        rule: "ENUM_VALUE_REMOVED",
        site,
        ...place,
        verdicts: { ...verdicts, subscriber: "ok" },
        detail,
        probes,
      });
  }
}

/** A list of values on one side only; what else limits the other side is compared on its own. */
function compareListed(visit: Visit): void {
  const { older, newer, site, report } = visit;
  const place = pointedAt(placeOf(visit, "const", "enum"));
  if (newer.written === undefined) {
    const verdicts = { subscriber: verdict(older.read === undefined), replay: "ok" } as const;
    report({
      rule: "ENUM_REMOVED",
      site,
      ...place,
      verdicts,
      detail: { from: worded([...(older.written ?? [])]) },
      probes: unlisted(older),
    });
  } else {
    const verdicts = { subscriber: "ok", replay: verdict(newer.read === undefined) } as const;
    report({
      rule: "ENUM_ADDED",
      site,
      ...place,
      verdicts,
      detail: { to: worded([...newer.written]) },
      probes: unlisted(newer),
    });
  }
}

function compareKinds(visit: Visit, covered: Covered): void {
  const { older, newer, site, report } = visit;
  const added = [...newer.kinds].filter((kind) => !older.kinds.has(kind));
  const removed = [...older.kinds].filter((kind) => !newer.kinds.has(kind));
  if (added.length === 0 && removed.length === 0) return;
  const both = added.length > 0 && removed.length > 0;
  const rule = both ? "TYPE_CHANGED" : added.length > 0 ? "TYPE_WIDENED" : "TYPE_NARROWED";
  const verdicts = {
    subscriber: verdict(added.length === 0 || covered.subscriber),
    replay: verdict(removed.length === 0 || covered.replay),
  };
  const detail = { from: typesOf(older), to: typesOf(newer) };
  const probes = [...added, ...removed].flatMap((kind) => examples[kind]);
  report({ rule, site, ...pointedAt(placeOf(visit, "type")), verdicts, detail, probes });
}

const examples: Readonly<Record<Kind, readonly Json[]>> = {
  boolean: [true, false],
  integer: [0, 1, -1],
  fraction: [0.5],
  string: ["", "a"],
  array: [[]],
  object: [{}],
};

/** Whether a value that is not null passes what a reader says about values of its own level, unions aside. */
export function admits(reader: Shape, value: Json): boolean {
  if (reader.read !== undefined) return reader.read.has(canonicalJson(value));
  return reader.kinds.has(kindOf(value)) && typeof value !== "object" && fulfils(reader, value);
}

/** Values that a list does not have, of the types its schema leaves. */
function unlisted(listed: Shape): readonly Json[] {
  const kinds = new Set([...(listed.written?.values() ?? [])].map(kindOf));
  return Object.entries(examples)
    .filter(([kind]) => kinds.has(kind as Kind))
    .flatMap(([, values]) => values)
    .filter((value) => listed.written?.has(canonicalJson(value)) === false);
}

function typesOf({ kinds, nullable }: Shape): string {
  const names = [...kinds].map((kind) => (kind === "fraction" ? "number" : kind));
  const isNumber = names.includes("number");
  const shown = names.filter((name) => !(isNumber && name === "integer"));
  return [...new Set(shown), ...(nullable ? ["null"] : [])].join(" or ") || "nothing";
}

function worded(values: readonly (readonly [string, Json])[]): string {
  const shown = values.slice(0, 5).map(([text]) => text);
  return [...shown, ...(values.length > 5 ? [`${values.length - 5} more`] : [])].join(", ");
}
