import { pointerTo, type Json, type JsonObject } from "../json.ts";
import { joinTypes, joinValues } from "./joined.ts";
import { isAnnotation, opaqueGroups } from "./keywords.ts";
import type { Union } from "./shape.ts";
import { conjunctionKey, isSchema, referred, type Conjunction, type Source } from "./source.ts";

/** One of the schemas a conjunction comes to, its references, allOf and unions set aside. */
export interface Conjunct extends Source {
  readonly schema: JsonObject;
  /** Whether what it says about null is already said by a union around it. */
  readonly isBesideNull: boolean;
}

/** A conjunction with everything that is only another spelling resolved. */
export interface Flat {
  readonly conjuncts: readonly Conjunct[];
  readonly unions: readonly Union[];
  /** Unions too intricate to be taken apart. */
  readonly intricate: readonly UnionPlace[];
  readonly nullable: boolean;
  readonly never: boolean;
}

interface UnionPlace {
  readonly keyword: "anyOf" | "oneOf";
  readonly pointer: string;
  readonly value: readonly Json[];
}

interface Pending extends Source {
  readonly isBesideNull: boolean;
}

/** Schemas being flattened around: a union that contains itself gains nothing by it. */
type Owners = ReadonlySet<JsonObject>;

/** Resolves references and allOf, inlines what is a union only in spelling, and tells null apart. */
export function flatten(root: JsonObject, sources: Conjunction, owners: Owners = new Set()): Flat {
  const conjuncts = new Map<JsonObject, Conjunct>();
  const unions: Union[] = [];
  const intricate: UnionPlace[] = [];
  let nullable = true;
  let never = false;
  const settled = new Set(sources.map(({ settles }) => settles));
  const pending: Pending[] = sources.map((source) => ({ ...source, isBesideNull: false }));
  for (let item = pending.shift(); item !== undefined; item = pending.shift()) {
    const { schema, isBesideNull } = item;
    if (schema === false) never = true;
    if (typeof schema === "boolean") continue;
    const known = conjuncts.get(schema);
    if (known !== undefined && (isBesideNull || !known.isBesideNull)) continue;
    conjuncts.set(schema, { ...item, schema });
    if (!isBesideNull) nullable &&= saysNull(schema);
    pending.push(...inner(root, { ...item, schema }));
    for (const place of unionsOf(schema, item.pointer)) {
      if (settled.has(place.value)) continue;
      const found = alternatives({ root, place, owner: schema }, owners);
      if (found.kind === "intricate") intricate.push(place);
      else if (!isBesideNull) nullable &&= found.nullable;
      if (found.kind === "inline")
        pending.push(...found.sources.map((source) => ({ ...source, isBesideNull: true })));
      if (found.kind === "union")
        unions.push({
          ...place,
          branches: found.branches,
          isOpen: isOpenUnion(schema, found.branches, place),
        });
    }
  }
  return { conjuncts: [...conjuncts.values()], unions, intricate, nullable, never };
}

/** What a reference and an allOf add. */
function inner(root: JsonObject, { schema, pointer, isBesideNull }: Conjunct): readonly Pending[] {
  const { $ref, allOf } = schema;
  const target = $ref === undefined ? [] : [{ schema: referred(root, $ref), pointer, isBesideNull }];
  const all = Array.isArray(allOf) ? sourcesOf(allOf, pointerTo(pointer, "allOf")) : [];
  return [...target, ...all.map((source) => ({ ...source, isBesideNull }))];
}

function sourcesOf(schemas: readonly Json[], pointer: string): readonly Source[] {
  return schemas.flatMap((schema, index) =>
    isSchema(schema) ? [{ schema, pointer: pointerTo(pointer, index) }] : [],
  );
}

function unionsOf(schema: JsonObject, pointer: string): readonly UnionPlace[] {
  return (["anyOf", "oneOf"] as const).flatMap((keyword) => {
    const value = schema[keyword];
    return Array.isArray(value) ? [{ keyword, pointer: pointerTo(pointer, keyword), value }] : [];
  });
}

/** A union nested in another, or a single branch, is not one to the validator that an unknown tag could pass. */
function isOpenUnion(schema: JsonObject, branches: readonly Conjunction[], { value }: UnionPlace): boolean {
  const isPlain = branches.every((sources) =>
    sources.every(({ schema: branch }) => value.some((each) => each === branch)),
  );
  return schema["x-open-union"] === true && isPlain;
}

/** Whether the type and the values of a schema leave room for null. */
function saysNull(schema: JsonObject): boolean {
  const { type, enum: values, const: value } = schema;
  const byType = type === undefined || [type].flat().includes("null");
  const byValues = !Array.isArray(values) || values.includes(null);
  return byType && byValues && (value === undefined || value === null);
}

/**
 * What a union comes to: schemas to be fulfilled all (`inline`), real alternatives (`union`), or something that can
 * only be compared as a whole (`intricate`). Null is told apart: the rest is about everything else.
 */
type Alternatives =
  | { readonly kind: "intricate" }
  | { readonly kind: "inline"; readonly nullable: boolean; readonly sources: Conjunction }
  | { readonly kind: "union"; readonly nullable: boolean; readonly branches: readonly Conjunction[] };

interface UnionInput {
  readonly root: JsonObject;
  readonly place: UnionPlace;
  readonly owner: JsonObject;
}

/** anyOf and oneOf alike: a closed oneOf allows no more than its anyOf, and the open one is an anyOf. */
function alternatives({ root, place, owner }: UnionInput, owners: Owners): Alternatives {
  const at = place.pointer;
  if (owners.has(owner))
    return { kind: "inline", nullable: false, sources: [{ schema: false, pointer: at }] };
  const around = new Set([...owners, owner]);
  const read = sourcesOf(place.value, at)
    .flatMap((source) => spliced(root, source, new Set()))
    .map((source) => ({ source, flat: flatten(root, [source], around) }))
    .filter(({ flat }) => !flat.never);
  if (read.some(({ flat }) => isIntricate(flat))) return { kind: "intricate" };
  const nullable = read.some(({ flat }) => flat.nullable);
  const others = read.filter(({ flat }) => !isNullOnly(flat));
  const distinct = [...new Map(others.map((branch) => [conjunctionKey([branch.source]), branch])).values()];
  const sources = distinct.map(({ source }) => source);
  if (sources.length === 0)
    return { kind: "inline", nullable, sources: [{ schema: nothing, pointer: at, isDerived: true }] };
  if (sources.length === 1) return { kind: "inline", nullable, sources };
  const flats = distinct.map(({ flat }) => flat.conjuncts);
  const joined = joinValues(flats, at) ?? joinTypes(flats, at);
  return joined === undefined
    ? { kind: "union", nullable, branches: sources.map((source) => [source]) }
    : { kind: "inline", nullable, sources: joined };
}

const nothing: JsonObject = { enum: [] };

/** A branch that is only a union itself stands for its branches. */
function spliced(root: JsonObject, source: Source, seen: ReadonlySet<JsonObject>): readonly Source[] {
  const { schema, pointer } = source;
  if (typeof schema === "boolean" || seen.has(schema)) return [source];
  const said = Object.keys(schema).filter((keyword) => !isAnnotation(keyword) && keyword !== "discriminator");
  const around = new Set([...seen, schema]);
  const [union] = unionsOf(schema, pointer);
  if (said.length === 1 && union !== undefined)
    return sourcesOf(union.value, union.pointer).flatMap((inside) => spliced(root, inside, around));
  if (said.length !== 1 || said[0] !== "$ref") return [source];
  const inside = spliced(root, { schema: referred(root, schema["$ref"]), pointer }, around);
  return inside.length > 1 ? inside : [source];
}

function isIntricate({ conjuncts, intricate }: Flat): boolean {
  return intricate.length > 0 || conjuncts.some(({ schema }) => opaqueGroups(Object.keys(schema)).length > 0);
}

function isNullOnly({ conjuncts, nullable }: Flat): boolean {
  return nullable && conjuncts.some(({ schema }) => isNullAlone(schema));
}

function isNullAlone({ type, enum: values, const: value }: JsonObject): boolean {
  return (
    (type !== undefined && [type].flat().every((name) => name === "null")) ||
    value === null ||
    (Array.isArray(values) && values.every((each) => each === null))
  );
}
