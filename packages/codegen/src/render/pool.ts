import { canonicalJson, isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { referenceOf, referenceTo } from "../normalise/definitions.ts";
import { validatorSchema, type Openness } from "../normalise/validator-schema.ts";
import type { Contract } from "../project.ts";
import { mapChildren, mapSchema } from "../schema.ts";
import { moduleName } from "./files.ts";
import { digest } from "../digest.ts";
import { meanings } from "../normalise/meanings.ts";
import { reservedWords } from "./reserved-words.ts";

/** The schemas of all contracts with everything they have in common only once. */
export interface Pool {
  /** Name, which is an identifier, to schema; they refer to each other by `$ref: name`. */
  readonly schemas: ReadonlyMap<string, JsonObject>;
  /** Module of a contract's major to the name of its schema; nothing refers to these. */
  readonly entries: ReadonlyMap<string, string>;
}

/** A shape worth sharing makes more code than calling it does. */
const minSharedLength = 150;

/**
 * Brings the validator schemas of all contracts together. Definitions that mean the same become one, and so do
 * shapes that were written out in several places. Names follow content, so that one contract's change does not
 * rename what others use.
 */
export function pool(contracts: readonly Contract[], openness: Openness): Pool {
  const schemas = new Map<string, JsonObject>();
  const entries = new Map<string, string>();
  const taken = new Map<string, string>();
  for (const { type, majors } of contracts)
    for (const { major, schema } of majors) {
      const { $defs: definitions = {}, ...root } = prepared(schema, openness);
      const all = isObject(definitions) ? definitions : {};
      const names = nameParts(all, taken);
      const rename = (part: JsonObject) => mapSchema(part, (inner) => withName(inner, names));
      for (const [definition, name] of names)
        if (!schemas.has(name)) schemas.set(name, rename(objectAt(all, definition)));
      const module = moduleName(type, major);
      const entry = `entry_${digest(module)}`;
      entries.set(module, entry);
      schemas.set(entry, rename(root));
    }
  return { schemas: shareShapes(schemas), entries };
}

/** A contract is looked at by the linter and by the renderer. */
const known = new WeakMap<JsonObject, Partial<Record<Openness, JsonObject>>>();

function prepared(schema: JsonObject, openness: Openness): JsonObject {
  const before = known.get(schema) ?? {};
  const result = before[openness] ?? validatorSchema(schema, openness);
  known.set(schema, { ...before, [openness]: result });
  return result;
}

/** Whether a name means something to JavaScript, to ajv (which looks names up in plain objects) or in the pool itself. */
function isSpecial(name: string): boolean {
  return reservedWords.has(name) || name in Object.prototype || /^(?:entry|shape)_/.test(name);
}

/** Definition to its name in the pool: its own, and where that means something else, also its meaning's. */
function nameParts(definitions: JsonObject, taken: Map<string, string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [definition, meaning] of meanings(definitions)) {
    const plain = definition.replaceAll(/\W/g, "_");
    const isFree = (taken.get(plain) ?? meaning) === meaning && !isSpecial(plain);
    const name = isFree ? plain : `${plain}_${meaning.slice(0, 6)}`;
    taken.set(name, meaning);
    names.set(definition, name);
  }
  return names;
}

function withName(schema: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const name = referenceOf(schema);
  return name === undefined ? schema : { ...schema, $ref: names.get(name) ?? referenceTo(name) };
}

/** Gives every shape that stands in several places a name of its own, and leaves the others where they are. */
function shareShapes(schemas: ReadonlyMap<string, JsonObject>): ReadonlyMap<string, JsonObject> {
  const shapes = new Map<string, JsonObject>();
  const extract = (schema: JsonObject): JsonObject => {
    if (!isShape(schema)) return schema;
    const text = canonicalJson(schema);
    if (text.length < minSharedLength) return schema;
    const name = `shape_${digest(text).slice(0, 10)}`;
    shapes.set(name, schema);
    return { $ref: name };
  };
  const inside = (child: Json) => (isObject(child) ? mapSchema(child, extract) : child);
  const roots = [...schemas].map(([name, schema]) => [name, mapChildren(schema, inside)] as const);
  return putBack(new Map(roots), shapes);
}

function putBack(
  roots: ReadonlyMap<string, JsonObject>,
  shapes: ReadonlyMap<string, JsonObject>,
): ReadonlyMap<string, JsonObject> {
  const uses = new Map<string, number>();
  for (const schema of [...roots.values(), ...shapes.values()])
    mapSchema(schema, (inner) => {
      const name = inner["$ref"];
      if (typeof name === "string") uses.set(name, (uses.get(name) ?? 0) + 1);
      return inner;
    });
  const restore = (schema: JsonObject): JsonObject =>
    mapSchema(schema, (inner) => {
      const name = String(inner["$ref"]);
      const shape = shapes.get(name);
      return shape !== undefined && uses.get(name) === 1 ? restore(shape) : inner;
    });
  const shared = [...shapes].filter(([name]) => (uses.get(name) ?? 0) > 1);
  return new Map([...roots, ...shared].map(([name, schema]) => [name, restore(schema)]));
}

function isShape(schema: JsonObject): boolean {
  return ["properties", "oneOf", "anyOf"].some((keyword) => schema[keyword] !== undefined);
}
