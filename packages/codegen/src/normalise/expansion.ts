import { isObject, type Json, type JsonObject } from "../json.ts";
import { referenceOf } from "./definitions.ts";

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

/** What a schema refers to, as often as it does. */
export function targetsOf(schema: Json): readonly string[] {
  const found: string[] = [];
  const waiting: Json[] = [schema];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== "object" || value === null) continue;
    const name = isObject(value) ? referenceOf(value) : undefined;
    if (name !== undefined) found.push(name);
    for (const inner of Object.values(value) as readonly Json[]) waiting.push(inner);
  }
  return found;
}

interface Visit {
  readonly name: string;
  next: number;
}

/** Groups of names that lead to each other (Tarjan), those that lead nowhere else first; with a stack of its own. */
export function componentsOf(
  targets: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const groups: (readonly string[])[] = [];
  const enter = (name: string): Visit => {
    order.set(name, order.size);
    lowest.set(name, order.size - 1);
    open.push(name);
    isOpen.add(name);
    return { name, next: 0 };
  };
  const lower = (name: string, to: number | undefined) =>
    lowest.set(name, Math.min(lowest.get(name) ?? 0, to ?? 0));
  const leave = (name: string) => {
    if (lowest.get(name) !== order.get(name)) return;
    const group = open.splice(open.lastIndexOf(name));
    for (const one of group) isOpen.delete(one);
    groups.push(group);
  };
  for (const start of targets.keys()) {
    const visits = order.has(start) ? [] : [enter(start)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const target = targets.get(visit.name)?.[visit.next++];
      if (target === undefined) {
        visits.pop();
        leave(visit.name);
        const parent = visits.at(-1);
        if (parent !== undefined) lower(parent.name, lowest.get(visit.name));
      } else if (!order.has(target)) visits.push(enter(target));
      else if (isOpen.has(target)) lower(visit.name, order.get(target));
    }
  }
  return groups;
}
