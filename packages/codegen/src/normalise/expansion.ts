import type { JsonObject } from "../json.ts";
import { componentsOf } from "./cycles.ts";
import { targetsOf } from "./definitions.ts";

/** With every reference followed, a contract may come to so many definitions; GitHub's largest event has a hundredth. */
export const maxFollowed = 100_000;

/**
 * How many definitions each one comes to when every reference in it is followed, innermost first; what leads back to
 * where it came from is not followed again. Twenty definitions that each refer twice to the next come to a million:
 * what a payload, a page or a walk through the contract would come to as well.
 */
export function followedOf(definitions: JsonObject): ReadonlyMap<string, number> {
  const targets = new Map(
    Object.entries(definitions).map(([name, schema]) => [
      name,
      targetsOf(schema).filter((target) => Object.hasOwn(definitions, target)),
    ]),
  );
  const followed = new Map<string, number>();
  for (const group of componentsOf(targets)) {
    const inside = new Set(group);
    const beyond = group.flatMap((name) => (targets.get(name) ?? []).filter((target) => !inside.has(target)));
    const sum = beyond.reduce((all, target) => all + (followed.get(target) ?? 0), group.length);
    for (const name of group) followed.set(name, sum);
  }
  return followed;
}
