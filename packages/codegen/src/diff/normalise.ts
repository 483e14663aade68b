import { canonicalJson, isObject, pointerTo, stringsIn, type Json, type JsonObject } from "../json.ts";
import { boundsOf } from "./bounds.ts";
import { flatten, type Conjunct, type Flat } from "./flatten.ts";
import { fulfils } from "./fulfils.ts";
import { groups, isAnnotation, opaqueGroups } from "./keywords.ts";
import { isMatchable } from "./matches.ts";
import { meaningOf } from "./meaning.ts";
import {
  kindOf,
  kinds,
  type ArrayPart,
  type Kind,
  type ObjectPart,
  type Opaque,
  type Said,
  type Shape,
} from "./shape.ts";
import { isSchema, partly, type Conjunction } from "./source.ts";

const kindsOf: Readonly<Record<string, readonly Kind[]>> = {
  boolean: ["boolean"],
  integer: ["integer"],
  number: ["integer", "fraction"],
  string: ["string"],
  array: ["array"],
  object: ["object"],
};

/** Shapes by document and by the list of sources itself: the same ones are asked for over and over. */
const shapes = new WeakMap<JsonObject, WeakMap<Conjunction, Shape>>();

/** Gives the canonical form of schemas to be fulfilled at once. Only this level: what is inside stays a conjunction. */
export function shapeOf(root: JsonObject, sources: Conjunction): Shape {
  const known = shapes.get(root) ?? new WeakMap<Conjunction, Shape>();
  shapes.set(root, known);
  const shape = known.get(sources) ?? shapeAnew(root, sources);
  known.set(sources, shape);
  return shape;
}

function shapeAnew(root: JsonObject, sources: Conjunction): Shape {
  const flat = flatten(root, sources);
  const { conjuncts } = flat;
  const declared = conjuncts.map(({ schema }) => declaredKinds(schema["type"]));
  const possible = new Set(flat.never ? [] : kinds.filter((kind) => declared.every((set) => set.has(kind))));
  const limits = {
    bounds: boundsOf(conjuncts, possible),
    multiples: setOf(conjuncts, "multipleOf", isNumber),
    patterns: setOf(conjuncts, "pattern", isText),
    formats: setOf(conjuncts, "format", isText),
  };
  // What cannot be matched keeps no value from being sent, and lets none be read.
  const asked = { ...limits, patterns: new Set([...limits.patterns].filter(isMatchable)) };
  const isOfKind = (value: Json) => possible.has(kindOf(value));
  const written = valuesOf(conjuncts, (value) => isOfKind(value) && fulfils(asked, value));
  const unlisted = conjuncts.map(withoutOpenEnum);
  const read = valuesOf(unlisted, (value) => isOfKind(value) && fulfils(limits, value));
  return {
    nullable: flat.nullable && !flat.never,
    kinds: read === undefined ? possible : new Set([...read.values()].map(kindOf)),
    written: isAnyBoolean(written) ? undefined : written,
    read: isAnyBoolean(read) ? undefined : read,
    isOpenEnum: conjuncts.some(({ schema }) => schema["x-open-enum"] === true),
    ...limits,
    unique: conjuncts.some(({ schema }) => schema["uniqueItems"] === true),
    required: new Set(conjuncts.flatMap(({ schema }) => stringsIn(schema["required"]))),
    objects: conjuncts.flatMap(objectPart),
    isWhole:
      !sources.includes(partly) &&
      flat.unions.length === 0 &&
      !flat.intricate.length &&
      !conjuncts.some(speaksElsewhere),
    arrays: conjuncts.flatMap(arrayPart),
    unions: flat.unions,
    opaque: opaqueOf(root, flat),
    annotations: annotationsOf(conjuncts),
    places: placesOf(conjuncts),
  };
}

function declaredKinds(type: Json | undefined): ReadonlySet<Kind> {
  if (type === undefined) return new Set(kinds);
  return new Set([type].flat().flatMap((name) => (typeof name === "string" ? (kindsOf[name] ?? []) : [])));
}

/** The possible values that all lists of values have in common; nothing without such a list. */
function valuesOf(
  conjuncts: readonly Conjunct[],
  isPossible: (value: Json) => boolean,
): ReadonlyMap<string, Json> | undefined {
  const lists = conjuncts.flatMap(({ schema }) => [
    ...(Array.isArray(schema["enum"]) ? [schema["enum"]] : []),
    ...(schema["const"] === undefined ? [] : [[schema["const"]]]),
  ]);
  const [first, ...more] = lists.map(
    (list): ReadonlyMap<string, Json> => new Map(list.map((value) => [canonicalJson(value), value])),
  );
  if (first === undefined) return undefined;
  return new Map(
    [...first].filter(
      ([text, value]) => value !== null && isPossible(value) && more.every((list) => list.has(text)),
    ),
  );
}

function withoutOpenEnum(conjunct: Conjunct): Conjunct {
  if (conjunct.schema["x-open-enum"] !== true) return conjunct;
  const { enum: _values, ...schema } = conjunct.schema;
  return { ...conjunct, schema };
}

/** `true or false` says no more than the type does. */
function isAnyBoolean(values: ReadonlyMap<string, Json> | undefined): boolean {
  return values?.size === 2 && [...values.values()].every((value) => typeof value === "boolean");
}

/** Whether members may be named where they are not seen from here. */
function speaksElsewhere({ schema }: Conjunct): boolean {
  return ["if", "dependentSchemas"].some((keyword) => schema[keyword] !== undefined);
}

function objectPart({ schema, pointer }: Conjunct): readonly ObjectPart[] {
  const { properties, patternProperties, additionalProperties } = schema;
  if ([properties, patternProperties, additionalProperties].every((value) => value === undefined)) return [];
  const at = pointerTo(pointer, "additionalProperties");
  const additional = typeof additionalProperties === "boolean" ? additionalProperties : "unsaid";
  return [
    {
      isNaming: isObject(properties),
      properties: schemasOf(properties, pointerTo(pointer, "properties")),
      patterns: schemasOf(patternProperties, pointerTo(pointer, "patternProperties")),
      additional: isObject(additionalProperties)
        ? [{ schema: additionalProperties, pointer: at }]
        : additional,
    },
  ];
}

function arrayPart({ schema, pointer }: Conjunct): readonly ArrayPart[] {
  const { prefixItems, items } = schema;
  if (prefixItems === undefined && items === undefined) return [];
  const at = pointerTo(pointer, "prefixItems");
  const prefix = (Array.isArray(prefixItems) ? prefixItems : []).map((inner, index): Conjunction => [
    { schema: isSchema(inner) ? inner : true, pointer: pointerTo(at, index) },
  ]);
  const rest = isSchema(items) ? [{ schema: items, pointer: pointerTo(pointer, "items") }] : [];
  return [{ prefix, rest }];
}

function schemasOf(value: Json | undefined, pointer: string): ReadonlyMap<string, Conjunction> {
  const entries = Object.entries(isObject(value) ? value : {});
  return new Map(
    entries.map(([name, schema]) => [
      name,
      [{ schema: isSchema(schema) ? schema : true, pointer: pointerTo(pointer, name) }],
    ]),
  );
}

function opaqueOf(root: JsonObject, { conjuncts, intricate }: Flat): ReadonlyMap<string, Opaque> {
  const whole = conjuncts.flatMap(({ schema, pointer }) =>
    opaqueGroups(Object.keys(schema)).map((keyword) => {
      const said = (groups[keyword] ?? [keyword]).filter((member) => schema[member] !== undefined);
      const texts = said.map((member) => saidBy(root, member, schema[member] ?? null));
      const inside = said.flatMap((member) => schemasIn(schema[member]));
      const text = texts.map(([, said]) => said.text).join();
      return {
        keyword,
        text,
        inside,
        said: Object.fromEntries(texts),
        pointer: pointerTo(pointer, said[0] ?? keyword),
      };
    }),
  );
  const unions = intricate.map(({ keyword, pointer, value }) => ({
    keyword,
    pointer,
    text: meaningOf(root, keyword, value),
    said: {},
    inside: schemasIn([...value]),
  }));
  return new Map([...whole, ...unions].map((opaque) => [opaque.text, opaque]));
}

function saidBy(root: JsonObject, keyword: string, value: Json): readonly [string, Said] {
  return [keyword, { value, text: meaningOf(root, keyword, value) }];
}

/** The schemas in the value of a keyword: itself, those in a list, or those by name. */
function schemasIn(value: Json | undefined): readonly (JsonObject | boolean)[] {
  if (Array.isArray(value)) return value.filter(isSchema);
  if (!isObject(value)) return [];
  const named = Object.values(value).filter(isObject);
  return [value, ...named];
}

function annotationsOf(conjuncts: readonly Conjunct[]): ReadonlyMap<string, Json> {
  const said = conjuncts
    .filter(({ isDerived }) => isDerived !== true)
    .flatMap(({ schema }) => Object.entries(schema).filter(([keyword]) => isAnnotation(keyword)));
  return new Map(said.toReversed());
}

function placesOf(conjuncts: readonly Conjunct[]): ReadonlyMap<string, string> {
  const places = conjuncts.flatMap(({ schema, pointer, isDerived }) =>
    Object.keys(schema).map((keyword): [string, string] => [
      keyword,
      isDerived === true ? pointer : pointerTo(pointer, keyword),
    ]),
  );
  return new Map(places.toReversed());
}

function setOf<T>(
  conjuncts: readonly Conjunct[],
  keyword: string,
  is: (value: Json | undefined) => value is T & Json,
): ReadonlySet<T> {
  return new Set(conjuncts.map(({ schema }) => schema[keyword]).filter((value) => is(value)));
}

function isNumber(value: Json | undefined): value is number {
  return typeof value === "number";
}

function isText(value: Json | undefined): value is string {
  return typeof value === "string";
}
