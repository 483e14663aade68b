import { isObject, objectAt, segmentsOf, type Json, type JsonObject } from "../json.ts";
import { referenceTo } from "../normalise/definitions.ts";
import { percentDecoded } from "../normalise/references.ts";

/** A schema and the pointer that leads to it from the root, references being stepped through. */
export interface Source {
  readonly schema: JsonObject | boolean;
  readonly pointer: string;
  /** Set on a schema that stands for several, such as the enum a union of constants comes to: it has no inside. */
  readonly isDerived?: true;
  /** A union, by its list of branches, that one of its branches beside this has been chosen for. */
  readonly settles?: object;
}

/** Beside other sources: the value is described by something else too, so naming members forbids no others. */
export const partly: Source = { schema: true, pointer: "", settles: {} };

/** Schemas that a value must fulfil all at once; an empty list is fulfilled by anything. */
export type Conjunction = readonly Source[];

const wholes = new WeakMap<JsonObject, Conjunction>();

/** A contract as a whole. It is the same list every time, so that what is known about it is found again. */
export function wholeOf(root: JsonObject): Conjunction {
  const whole = wholes.get(root) ?? [{ schema: root, pointer: "" }];
  wholes.set(root, whole);
  return whole;
}

/** What a reference of a bundled schema stands for; what leads nowhere stands for nothing at all. */
export function referred(root: JsonObject, reference: Json | undefined): JsonObject | boolean {
  if (reference === "#") return root;
  if (typeof reference !== "string" || !reference.startsWith(referenceTo(""))) return false;
  const [, name = ""] = segmentsOf(reference);
  const found = objectAt(root, "$defs")[percentDecoded(name)];
  return isSchema(found) ? found : false;
}

export function isSchema(value: unknown): value is JsonObject | boolean {
  return typeof value === "boolean" || isObject(value);
}

/** A key of what the schemas of a conjunction are, wherever they stand: equal objects give equal keys. */
export function conjunctionKey(sources: Conjunction): string {
  const known = keys.get(sources) ?? keyAnew(sources);
  keys.set(sources, known);
  return known;
}

const keys = new WeakMap<Conjunction, string>();

function keyAnew(sources: Conjunction): string {
  const keys = sources.flatMap(({ schema, settles }) => [
    identity(schema),
    ...(settles === undefined ? [] : [`-${identity(settles)}`]),
  ]);
  return [...new Set(keys)].toSorted().join("+");
}

const identities = new WeakMap<object, string>();
let next = 0;

function identity(schema: object | boolean): string {
  if (typeof schema === "boolean") return String(schema);
  const known = identities.get(schema) ?? String(next++);
  identities.set(schema, known);
  return known;
}
