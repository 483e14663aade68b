import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";

const lists = ["allOf", "anyOf", "oneOf"];
const singles = ["not", "if", "then", "else"];
const prefix = "#/$defs/";

/** One value may be checked against so many definitions; all of GitHub's events in one union come to a quarter. */
const maxWeight = 2_000;

interface Entanglement {
  readonly endless: readonly string[];
  /** Definitions that bring so many others to bear on one value, over and over, that checking it takes too long. */
  readonly heavy: readonly string[];
}

/**
 * The definitions that lead back to themselves about the same value, such as `a: { $ref: a }`: checking one would
 * never end. A definition that contains itself in a member or an item is fine.
 */
export function entanglements(definitions: JsonObject): Entanglement {
  const edges = new Map(Object.entries(definitions).map(([name, schema]) => [name, sameValue(schema)]));
  const state = new Map<string, "open" | "done">();
  const endless = new Set<string>();
  const weights = new Map<string, number>();
  const weigh = (targets: readonly string[]) =>
    targets.reduce((sum, target) => sum + (weights.get(target) ?? 0), 1);
  for (const start of edges.keys()) {
    if (state.has(start)) continue;
    // A stack of our own: a chain of definitions may be longer than the machine's.
    const stack = [{ name: start, next: 0 }];
    state.set(start, "open");
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const target = edges.get(top.name)?.[top.next++];
      if (target === undefined) {
        state.set(top.name, "done");
        weights.set(top.name, weigh(edges.get(top.name) ?? []));
        stack.pop();
      } else if (state.get(target) === "open") endless.add(target);
      else if (!state.has(target) && edges.has(target)) {
        state.set(target, "open");
        stack.push({ name: target, next: 0 });
      }
    }
  }
  const heavy = [...weights].filter(([, weight]) => weight > maxWeight).map(([name]) => name);
  return { endless: [...endless], heavy };
}

/** A root that is nothing but a reference becomes what it refers to, so that a contract says itself what it is. */
export function unwrapRoot(schema: JsonObject, definitions: JsonObject): JsonObject {
  let root = schema;
  for (let name = onlyReference(root); name !== undefined; name = onlyReference(root)) {
    const { $ref: _reference, ...annotations } = root;
    root = { ...objectAt(definitions, name), ...annotations };
  }
  const used = reachableFrom(root, definitions);
  return used.length === 0
    ? root
    : { ...root, $defs: Object.fromEntries(used.map((name) => [name, definitions[name] ?? {}])) };
}

function onlyReference(schema: JsonObject): string | undefined {
  const isAlone = Object.keys(schema).every((keyword) =>
    /^(?:\$ref|\$comment|title|description|deprecated|examples|x-.*)$/.test(keyword),
  );
  return isAlone && typeof schema["$ref"] === "string" ? schema["$ref"].slice(prefix.length) : undefined;
}

function reachableFrom(root: JsonObject, definitions: JsonObject): readonly string[] {
  const found = new Set<string>();
  const waiting: Json[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== "object" || value === null) continue;
    if (isObject(value) && typeof value["$ref"] === "string" && value["$ref"].startsWith(prefix)) {
      const name = value["$ref"].slice(prefix.length);
      if (!found.has(name) && Object.hasOwn(definitions, name)) {
        found.add(name);
        waiting.push(definitions[name] ?? {});
      }
    }
    for (const inner of Object.values(value)) waiting.push(inner);
  }
  return [...found].toSorted();
}

/** The definitions that speak about the very value a schema speaks about. */
function sameValue(schema: Json): readonly string[] {
  if (!isObject(schema)) return [];
  const reference = schema["$ref"];
  const inner = [
    ...lists.flatMap((keyword) => (Array.isArray(schema[keyword]) ? schema[keyword] : [])),
    ...singles.flatMap((keyword) => schema[keyword] ?? []),
    ...Object.values(objectAt(schema, "dependentSchemas")),
  ];
  const own = typeof reference === "string" ? [reference.slice(prefix.length)] : [];
  return [...own, ...inner.flatMap(sameValue)];
}
