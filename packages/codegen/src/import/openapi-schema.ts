import { isObject, type Json, type JsonObject } from "../json.ts";

const maps = new Set(["properties", "patternProperties", "schemas", "$defs"]);
const data = new Set(["enum", "const", "default", "example", "examples", "required"]);

/**
 * Writes the schemas of an OpenAPI 3.0 document the way 3.1 does, which is JSON Schema: `nullable` becomes a type,
 * `example` a list, `exclusiveMinimum: true` a number, and what stands beside a `$ref` goes, as 3.0 ignores it.
 */
export function modernOpenApi(value: Json): Json {
  if (Array.isArray(value)) return value.map((inner: Json) => modernOpenApi(inner));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => {
    if (data.has(key)) return [key, inner];
    return [key, maps.has(key) && isObject(inner) ? mapValues(inner) : modernOpenApi(inner)];
  });
  return modernSchema(Object.fromEntries(entries));
}

function mapValues(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, modernOpenApi(schema)]));
}

function modernSchema(schema: JsonObject): JsonObject {
  return nullable(exampleList(exclusiveBounds(aloneWithReference(schema))));
}

function aloneWithReference(schema: JsonObject): JsonObject {
  if (typeof schema["$ref"] !== "string") return schema;
  const kept = Object.entries(schema).filter(([key]) => /^(?:\$ref|description|nullable)$/.test(key));
  return Object.fromEntries(kept);
}

function exclusiveBounds(schema: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...schema };
  for (const [exclusive, bound] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (typeof schema[exclusive] !== "boolean") continue;
    delete result[exclusive];
    if (schema[exclusive] === false || schema[bound] === undefined) continue;
    delete result[bound];
    result[exclusive] = schema[bound];
  }
  return result;
}

/** A media type has an example too, which is not the schema's. */
function exampleList(schema: JsonObject): JsonObject {
  const { example, ...rest } = schema;
  return example === undefined || schema["schema"] !== undefined ? schema : { ...rest, examples: [example] };
}

function nullable(schema: JsonObject): JsonObject {
  const { nullable, ...rest } = schema;
  if (typeof nullable !== "boolean") return schema;
  if (!nullable) return rest;
  const { type, enum: values, description, ...others } = rest;
  if (typeof type === "string")
    return {
      ...rest,
      type: [type, "null"],
      ...(Array.isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {}),
    };
  const either = {
    anyOf: [{ ...others, ...(values === undefined ? {} : { enum: values }) }, { type: "null" }],
  };
  return description === undefined ? either : { description, ...either };
}
