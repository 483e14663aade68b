import type { Json, JsonObject } from "../json.ts";
import { shapeOf } from "./normalise.ts";
import type { Shape } from "./shape.ts";
import type { Conjunction } from "./source.ts";

/** A branch of a union and what it can be recognised by. */
export interface Branch {
  readonly sources: Conjunction;
  readonly name: string | undefined;
  readonly shape: Shape;
  readonly members: ReadonlySet<string>;
  /** Members with a single value, by name. */
  readonly tags: ReadonlyMap<string, string>;
  /** Required members with a closed list of values, by name. */
  readonly choices: ReadonlyMap<string, ReadonlyMap<string, Json>>;
}

export interface Matches {
  readonly pairs: readonly { readonly older: Branch; readonly newer: Branch }[];
  readonly added: readonly Branch[];
  readonly removed: readonly Branch[];
}

export function readBranch(root: JsonObject, sources: Conjunction): Branch {
  const shape = shapeOf(root, sources);
  const properties = shape.objects.flatMap(({ properties }) => [...properties]);
  const listed = properties.flatMap(([name, member]): [string, ReadonlyMap<string, Json>][] => {
    const { read, nullable } = shapeOf(root, member);
    return read === undefined || nullable ? [] : [[name, read]];
  });
  const tags = listed.flatMap(([name, values]): [string, string][] => {
    const [only] = values.size === 1 ? values.keys() : [];
    return only === undefined ? [] : [[name, only]];
  });
  return {
    sources,
    name: nameOf(sources),
    shape,
    members: new Set(properties.map(([name]) => name)),
    tags: new Map(tags),
    choices: new Map(listed.filter(([name]) => shape.required.has(name))),
  };
}

/** Finds which branch became which, the surest first. A wrong match costs an explanation, never a verdict. */
export function matchBranches(older: readonly Branch[], newer: readonly Branch[]): Matches {
  const candidates = older
    .flatMap((before) =>
      newer.map((after) => ({ older: before, newer: after, score: likeness(before, after) })),
    )
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score);
  const taken = new Set<Branch>();
  const pairs = candidates.filter((pair) => {
    if (taken.has(pair.older) || taken.has(pair.newer)) return false;
    taken.add(pair.older).add(pair.newer);
    return true;
  });
  return {
    pairs,
    added: newer.filter((branch) => !taken.has(branch)),
    removed: older.filter((branch) => !taken.has(branch)),
  };
}

/** Whether any value could fulfil both, as far as types and constants tell. */
export function mayMeet(one: Branch, other: Branch): boolean {
  const isTagged = [...one.tags].some(([name, value]) => (other.tags.get(name) ?? value) !== value);
  return !isTagged && [...one.shape.kinds].some((kind) => other.shape.kinds.has(kind));
}

/**
 * Whether an open union lets a branch it does not have pass: every member that could tell its branches apart has a
 * value in the new one that none of them has, of a type they have.
 */
export function isUnknownTo(known: readonly Branch[], branch: Branch): boolean {
  const objects = known.filter(({ shape }) => shape.kinds.has("object"));
  const names = [...(objects[0]?.choices.keys() ?? [])].filter((name) =>
    objects.every(({ choices }) => choices.has(name)),
  );
  const isOnlyObject = (each: Branch) => each.shape.kinds.size === 1 && each.shape.kinds.has("object");
  return (
    names.length > 0 &&
    [...objects, branch].every((each) => isOnlyObject(each) && !each.shape.nullable) &&
    names.every((name) => {
      const taken = new Map(objects.flatMap(({ choices }) => [...(choices.get(name) ?? [])]));
      const types = new Set([...taken.values()].map((value) => typeof value));
      const own = branch.choices.get(name);
      return (
        own !== undefined && [...own].every(([text, value]) => !taken.has(text) && types.has(typeof value))
      );
    })
  );
}

function likeness(one: Branch, other: Branch): number {
  if (!mayMeet(one, other)) return 0;
  const isNamesake = one.name !== undefined && one.name === other.name;
  const hasTag = [...one.tags.keys()].some((name) => other.tags.has(name));
  const isSameKind = one.shape.kinds.size === other.shape.kinds.size;
  const all = new Set([...one.members, ...other.members]).size;
  const shared = [...one.members].filter((name) => other.members.has(name)).length;
  const formats = [...one.shape.formats].some((format) => other.shape.formats.has(format));
  return (
    (isNamesake ? 4 : 0) +
    (hasTag ? 4 : 0) +
    (all === 0 ? 0.5 : (3 * shared) / all) +
    (isSameKind ? 0.25 : 0) +
    (formats ? 1 : 0)
  );
}

function nameOf([first]: Conjunction): string | undefined {
  if (first === undefined || typeof first.schema === "boolean") return undefined;
  const { $ref, title } = first.schema;
  if (typeof $ref === "string") return $ref;
  return typeof title === "string" ? title : undefined;
}
