import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { componentsOf, isCycle } from "./cycles.ts";
import { referenceOf } from "./definitions.ts";

const lists = ["allOf", "anyOf", "oneOf"];
const singles = ["not", "if", "then", "else"];

/** One value may be checked against so many definitions; all of GitHub's events in one union come to a quarter. */
const maxWeight = 2_000;

interface Entanglement {
  /**
   * Definitions that lead back to themselves about the same value, such as `a: { $ref: a }`, one of each circle: checking
   * one would never end. A definition that contains itself in a member or an item is fine.
   */
  readonly endless: readonly string[];
  /** The innermost that brings so many others to bear on one value, over and over, that checking it takes too long. */
  readonly heavy: string | undefined;
}

/** What makes definitions impossible, or too much work, to check a value against. */
export function entanglements(definitions: JsonObject): Entanglement {
  const targets = new Map(Object.entries(definitions).map(([name, schema]) => [name, sameValue(schema)]));
  const groups = componentsOf(targets);
  const weights = new Map<string, number>();
  for (const group of groups)
    for (const name of group) {
      const parts = targets.get(name) ?? [];
      weights.set(
        name,
        parts.reduce((sum, part) => sum + (weights.get(part) ?? 0), 1),
      );
    }
  const [heavy] = [...weights].find(([, weight]) => weight > maxWeight) ?? [];
  const circles = groups.filter((group) => isCycle(group, targets));
  return { endless: circles.flatMap(([first]) => first ?? []), heavy };
}

/** The definitions that speak about the very value a schema speaks about. */
function sameValue(schema: Json): readonly string[] {
  if (!isObject(schema)) return [];
  const inner = [
    ...lists.flatMap((keyword) => (Array.isArray(schema[keyword]) ? schema[keyword] : [])),
    ...singles.flatMap((keyword) => schema[keyword] ?? []),
    ...Object.values(objectAt(schema, "dependentSchemas")),
  ];
  return [...[referenceOf(schema) ?? []].flat(), ...inner.flatMap(sameValue)];
}
