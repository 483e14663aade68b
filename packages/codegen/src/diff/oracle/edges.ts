import { canonicalJson, isObject, type Json, type JsonObject } from "../../json.ts";
import { createDice } from "../../runtime/dice.ts";
import { elementAt } from "../elements.ts";
import { memberOf, namesOf, readable } from "../members.ts";
import { shapeOf } from "../normalise.ts";
import type { Opaque, Shape } from "../shape.ts";
import { Generator } from "./generate.ts";
import { unnamed } from "./names.ts";
import { partingScalars } from "./parting.ts";
import type { Place } from "./place.ts";
import { scalars } from "./scalars.ts";
import { variations } from "./variations.ts";

/** A single array or object is made as large as that, to show that a reader takes none so large. */
const maxCount = 100_000;

/**
 * Values at the edges of what a writer may send and of what a reader takes, the likeliest to part them and the
 * smallest first: each listed one, null, scalars, what conditions speak of, the longest, the shortest.
 */
export function* edgesOf(writer: Place, reader: Place = writer): Iterable<Json> {
  const [shape, other] = [shapeOf(writer.root, writer.sources), shapeOf(reader.root, reader.sources)];
  yield* listed(shape);
  if (shape.nullable) yield null;
  yield* partingScalars(shape, other);
  yield* scalars(shape);
  yield* listed(other);
  yield* conditioned(writer, [shape, writer.root], [other, reader.root]);
  if (shape.kinds.has("object")) yield* objects(writer, reader);
  if (shape.kinds.has("array")) yield* lists(writer, other);
}

function listed({ written }: Shape): readonly Json[] {
  return [...(written?.values() ?? [])].slice(0, 30);
}

/** A few values for a schema: the smallest, one with all there may be, some by chance, and scalars. */
function fewOf({ root, sources }: Place): readonly Json[] {
  const shape = shapeOf(root, sources);
  const dice = [() => 0, createDice(1), createDice(2)];
  const made = [{}, ...dice.map((one) => ({ dice: one }))].map((options) =>
    new Generator(root, options).valueOf(sources),
  );
  const all = [
    ...made.filter((value) => value !== undefined),
    ...listed(shape),
    ...scalars(shape).slice(0, 8),
  ];
  return [...new Map(all.map((value) => [canonicalJson(value), value])).values()];
}

/** Of values that turn on conditions, no more than these: some contracts have many conditions, each with many values. */
const maxConditioned = 300;

/** Values that turn on what is compared as a whole, whatever it does with the schemas inside. */
function* conditioned(writer: Place, ...sides: readonly (readonly [Shape, JsonObject])[]): Iterable<Json> {
  const plain = new Generator(writer.root, {}).valueOf(writer.sources) ?? null;
  let left = maxConditioned;
  for (const [{ opaque }, root] of sides)
    for (const condition of opaque.values())
      for (const value of turning(condition, root))
        for (const wrapped of around(value, plain, told(writer))) {
          if (left-- <= 0) return;
          yield wrapped;
        }
}

/** Values for the schemas in a condition, and for two of them at once, such as `if` and `then`. */
function* turning({ inside, pointer }: Opaque, root: JsonObject): Iterable<Json> {
  const [first = [], ...more] = inside.map((schema) => fewOf({ root, sources: [{ schema, pointer }] }));
  const others = more.flat();
  yield* first;
  yield* others;
  for (const one of first.filter(isObject))
    for (const other of others.filter(isObject)) yield { ...one, ...other };
}

/** A value as it is, as a member or as members of an object, and as elements of an array. */
function* around(value: Json, plain: Json, start: readonly Json[]): Iterable<Json> {
  yield value;
  if (isObject(plain)) {
    yield { ...plain, key_1: value };
    if (isObject(value)) yield { ...plain, ...value };
  } else if (Array.isArray(plain)) {
    for (const count of [1, 2, 3, 4]) yield Array.from({ length: count }, () => value);
    yield [...start, value];
  }
}

/** An array of as many elements as have a place of their own. */
function told({ root, sources }: Place): readonly Json[] {
  const shape = shapeOf(root, sources);
  const count = Math.max(0, ...shape.arrays.map(({ prefix }) => prefix.length));
  return Array.from({ length: count }, (_, index) => elementOf({ root, sources }, index));
}

function elementOf({ root, sources }: Place, index: number): Json {
  return new Generator(root, {}).valueOf(elementAt(shapeOf(root, sources), index)) ?? null;
}

/** Objects with a member that only one side may know, and with as many members as are allowed. */
function* objects({ root, sources }: Place, reader: Place): Iterable<Json> {
  const [shape, other] = [shapeOf(root, sources), shapeOf(reader.root, reader.sources)];
  const plain = new Generator(root, {}).valueOf(sources);
  if (!isObject(plain)) return;
  for (const name of unnamed(shape, other)) {
    const member = memberOf(shape, name, "writer");
    if (member === "never") continue;
    for (const value of fewOf({ root, sources: member })) yield { ...plain, [name]: value };
    const wanted = { root: reader.root, sources: readable(other, name) };
    for (const value of fewOf(wanted)) yield { ...plain, [name]: value };
  }
  for (const count of countsOf("members", shape, other)) yield crowd({ root, sources }, plain, count);
}

/** An object of so many members. */
function crowd({ root, sources }: Place, plain: JsonObject, count: number): Json {
  const shape = shapeOf(root, sources);
  const crowd: Record<string, Json> = { ...plain };
  const names = [...namesOf(shape), ...Array.from({ length: count }, (_, index) => `key_${index + 1}`)];
  let size = Object.keys(crowd).length;
  for (const name of names.filter((one) => !Object.hasOwn(crowd, one))) {
    const member = size < count ? memberOf(shape, name, "writer") : "never";
    const value = member === "never" ? undefined : new Generator(root, {}).valueOf(member);
    if (value === undefined) continue;
    crowd[name] = value;
    size += 1;
  }
  return crowd;
}

/** Arrays of every length of interest, of equal elements and of different ones. */
function* lists(writer: Place, reader: Shape): Iterable<Json> {
  const shape = shapeOf(writer.root, writer.sources);
  const start = told(writer);
  const rest = elementOf(writer, start.length);
  for (const count of new Set([...countsOf("items", shape, reader), 2])) {
    const more = Math.max(0, count - start.length);
    yield [...start, ...Array.from({ length: more }, () => rest)].slice(0, count);
    const element = { root: writer.root, sources: elementAt(shape, start.length) };
    yield [...start, ...variations(element, more)].slice(0, count);
  }
}

/** Counts at either end of what two sides allow, the smallest first. */
function countsOf(what: "items" | "members", ...shapes: readonly Shape[]): readonly number[] {
  const ends = shapes.flatMap(({ bounds }) => [
    bounds.get(`${what}.min`)?.value ?? 0,
    bounds.get(`${what}.max`)?.value ?? 2,
  ]);
  const counts = new Set(ends.flatMap((end) => [end - 1, end, end + 1]));
  return [...counts].filter((count) => count >= 0 && count <= maxCount).toSorted((a, b) => a - b);
}
