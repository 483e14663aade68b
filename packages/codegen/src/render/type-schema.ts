import { isObject, type Json, type JsonObject } from "../json.ts";
import { mapSchema } from "../schema.ts";

const kept =
  /^(?:type|properties|required|additionalProperties|items|enum|const|oneOf|anyOf|\$ref|description|deprecated|tsType)$/;

/**
 * A bundled contract as json-schema-to-typescript reads it best: references renamed to types, no bounds, objects
 * without index signatures, and what stands beside a reference kept on the member instead of on a copy of the type.
 */
export function typeSchema(schema: JsonObject, typeOf: (definition: string) => string): JsonObject {
  const { $defs: _definitions, ...rest } = schema;
  return mapSchema(rest, (inner) => {
    const bare = Object.fromEntries(Object.entries(inner).filter(([keyword]) => kept.test(keyword)));
    if (typeof bare["$ref"] === "string")
      return reference(bare, typeOf(bare["$ref"].slice("#/$defs/".length)));
    if (inner["x-open-enum"] === true) return openEnum(bare);
    return isObject(bare["properties"]) ? { ...bare, additionalProperties: false } : bare;
  });
}

function reference({ $ref: _old, ...beside }: JsonObject, type: string): JsonObject {
  const $ref = `#/$defs/${type}`;
  return Object.keys(beside).length === 0 ? { $ref } : { ...beside, allOf: [{ $ref }] };
}

/** Editors still offer the known values, and any other string compiles. */
function openEnum({ enum: values, type: _type, ...rest }: JsonObject): JsonObject {
  const known: readonly Json[] = Array.isArray(values) ? values : [];
  return { ...rest, tsType: `${known.map((value) => JSON.stringify(value)).join(" | ")} | (string & {})` };
}
