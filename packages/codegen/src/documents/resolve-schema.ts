import { isObject, objectAt, stringsIn, type Json, type JsonObject } from "../json.ts";
import { referenceOf } from "../normalise/definitions.ts";

/** A schema with its references followed. */
export interface Resolved {
  readonly schema: JsonObject;
  readonly isNullable: boolean;
  /** The last definition on the way. */
  readonly definition: string | undefined;
}

/** A chain of references that leads round would be followed for ever. */
const maxSteps = 24;
/** How deep parts of parts are looked into. */
const maxParts = 4;

/**
 * A schema as a reader takes it: what it refers to, what is beside null, and the parts it is made of, as one schema. What
 * goes deeper than anybody would follow stays as it is.
 */
export function resolveSchema(given: JsonObject, definitions: JsonObject, depth = 0): Resolved {
  let schema = given;
  let isNullable = false;
  let definition: string | undefined;
  for (let step = 0; step < maxSteps; step++) {
    const { $ref: _reference, ...own } = schema;
    const { anyOf, ...beside } = own;
    const name = referenceOf(schema);
    if (name !== undefined) {
      definition = name;
      schema = { ...objectAt(definitions, name), ...own };
    } else if (Array.isArray(anyOf) && anyOf.length === 2 && anyOf.some(isNull)) {
      const other = anyOf.find((branch) => !isNull(branch));
      schema = { ...(isObject(other) ? other : {}), ...beside };
      isNullable = true;
    } else break;
  }
  const types = [schema["type"] ?? []].flat();
  const merged = depth > maxParts ? schema : withParts(schema, definitions, depth);
  return { schema: merged, isNullable: isNullable || types.includes("null"), definition };
}

function isNull(branch: Json): boolean {
  return isObject(branch) && branch["type"] === "null";
}

/** Members and requirements of every part of an `allOf`, as if they stood in one schema. */
function withParts(schema: JsonObject, definitions: JsonObject, depth: number): JsonObject {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return schema;
  let merged: JsonObject = rest;
  for (const part of allOf.filter(isObject)) {
    const { schema: inner } = resolveSchema(part, definitions, depth + 1);
    const known = objectAt(merged, "properties");
    merged = {
      ...inner,
      ...merged,
      properties: { ...known, ...objectAt(inner, "properties"), ...known },
      required: [...stringsIn(inner["required"]), ...stringsIn(merged["required"])],
    };
  }
  return merged;
}
