import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";
import { mapSchema } from "../schema.ts";

/** What draft-07 has no words for; an open reader does not need it. */
const untold = ["unevaluatedProperties", "unevaluatedItems", "minContains", "maxContains", "contentSchema"];

/** A schema of 2020-12 in the dialect of AsyncAPI, a superset of draft-07. */
export function toAsyncApiSchema(schema: JsonObject): JsonObject {
  return mapSchema(schema, (inner) => insideReference(withDependencies(withTuple(withTag(told(inner))))));
}

function told(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !untold.includes(keyword)));
}

/** The discriminator is a name there. */
function withTag(schema: JsonObject): JsonObject {
  const { discriminator, ...rest } = schema;
  const tag = isObject(discriminator) ? discriminator["propertyName"] : undefined;
  return tag === undefined ? rest : { ...rest, discriminator: tag };
}

function withTuple(schema: JsonObject): JsonObject {
  const { prefixItems, items, ...rest } = schema;
  if (prefixItems === undefined) return schema;
  return { ...rest, items: prefixItems, ...(items === undefined ? {} : { additionalItems: items }) };
}

function withDependencies(schema: JsonObject): JsonObject {
  const { dependentRequired, dependentSchemas, ...rest } = schema;
  if (dependentRequired === undefined && dependentSchemas === undefined) return schema;
  const schemas = objectAt(schema, "dependentSchemas");
  const lists = Object.entries(objectAt(schema, "dependentRequired")).map(
    ([name, required]): [string, Json] => {
      const other = schemas[name];
      return [name, other === undefined ? required : { allOf: [other, { required }] }];
    },
  );
  return { ...rest, dependencies: { ...schemas, ...Object.fromEntries(lists) } };
}

/** Beside a `$ref` nothing is read there, so the `$ref` moves inside. */
function insideReference(schema: JsonObject): JsonObject {
  const { $ref: target, ...rest } = schema;
  if (target === undefined || Object.keys(rest).length === 0) return schema;
  const parts = Array.isArray(rest["allOf"]) ? rest["allOf"] : [];
  return { ...rest, allOf: [{ $ref: target }, ...parts] };
}
