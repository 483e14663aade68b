import { isObject, isScalar, objectAt, stringsIn, type Json, type JsonObject } from "../json.ts";
import { dereference, referenceOf, schemasOf } from "./definitions.ts";

/** A member that tells the branches of a union apart: each requires it, and no two allow it the same value. */
export interface Tag {
  readonly name: string;
  /** For each branch, the values of the member it is for. */
  readonly values: readonly (readonly Json[])[];
  /** Whether every branch says so itself, in strings, and not by way of its parts. */
  readonly isPlain: boolean;
}

interface Found {
  readonly values: readonly Json[];
  readonly isPlain: boolean;
}

const usual = ["type", "kind", "event", "action", "object"];

/** Finds the member that tells branches apart; `hint`, the contract's own discriminator, is tried first. */
export function findTag(
  branches: readonly JsonObject[],
  hint: string | undefined,
  definitions: JsonObject,
): Tag | undefined {
  const [first] = branches;
  if (first === undefined) return undefined;
  const names = [...requiredIn(first, definitions)];
  const ordered = [...new Set([hint, ...usual, ...names])].filter(
    (name) => name !== undefined && names.includes(name),
  ) as string[];
  for (const name of ordered) {
    const found = branches.map((branch) => tagIn(branch, name, definitions));
    if (found.every((one) => one !== undefined) && areDisjoint(found))
      return { name, values: found.map(({ values }) => values), isPlain: isPlain(name, found) };
  }
  return undefined;
}

function tagIn(branch: JsonObject, name: string, definitions: JsonObject): Found | undefined {
  if (!requiredIn(branch, definitions).has(name)) return undefined;
  const own = referenceOf(branch) === undefined ? branch : objectAt(definitions, referenceOf(branch) ?? "");
  const direct = objectAt(own, "properties")[name];
  const isDirect =
    isObject(direct) && referenceOf(direct) === undefined && stringsIn(own["required"]).includes(name);
  const values = isDirect ? valuesOf(direct) : undefined;
  if (values !== undefined) return { values, isPlain: referenceOf(own) === undefined };
  const indirect = valuesIn(branch, name, definitions);
  return indirect === undefined ? undefined : { values: indirect, isPlain: false };
}

/** The values a schema allows a member, looked for in it, in what it refers to and in the parts it is made of. */
function valuesIn(schema: JsonObject, name: string, definitions: JsonObject): readonly Json[] | undefined {
  const properties = objectAt(schema, "properties");
  const member = Object.hasOwn(properties, name) ? properties[name] : undefined;
  const own = isObject(member) ? valuesOf(dereference(member, definitions)) : undefined;
  if (own !== undefined) return own;
  for (const part of bindingParts(schema, definitions)) {
    const found = valuesIn(part, name, definitions);
    if (found !== undefined) return found;
  }
  return undefined;
}

function requiredIn(schema: JsonObject, definitions: JsonObject): ReadonlySet<string> {
  const parts = bindingParts(schema, definitions).flatMap((part) => [...requiredIn(part, definitions)]);
  return new Set([...stringsIn(schema["required"]), ...parts]);
}

function bindingParts(schema: JsonObject, definitions: JsonObject): readonly JsonObject[] {
  const name = referenceOf(schema);
  return [...(name === undefined ? [] : [objectAt(definitions, name)]), ...schemasOf(schema["allOf"])];
}

/** An open enum tells nothing apart: to a consumer it may be anything. */
function valuesOf(member: JsonObject): readonly Json[] | undefined {
  if (member["x-open-enum"] === true) return undefined;
  const values = member["const"] === undefined ? member["enum"] : [member["const"]];
  return Array.isArray(values) && values.every(isScalar) ? values : undefined;
}

function areDisjoint(found: readonly (Found | undefined)[]): found is readonly Found[] {
  const values = found.flatMap((one) => [...new Set(one?.values ?? [])]);
  return new Set(values).size === values.length;
}

/** Whether ajv's own dispatch takes it: a value such as `constructor` would confuse its table. */
function isPlain(name: string, found: readonly Found[]): boolean {
  return !(name in Object.prototype) && found.every((one) => one.isPlain && one.values.every(isPlainText));
}

function isPlainText(value: Json): boolean {
  return typeof value === "string" && value !== "" && !(value in Object.prototype);
}
