import type { Json, JsonObject } from "../json.ts";

/**
 * A schema as a reader of newer events needs it: unknown members, more members and, where the contract says so,
 * unknown values are fine, and a value may match several branches of `oneOf`. The values of a map keep their schema.
 */
export function open(schema: JsonObject, annotated: JsonObject): JsonObject {
  const { propertyNames: _names, maxProperties: _most, enum: values, oneOf, ...rest } = schema;
  const isOpenEnum = annotated["x-open-enum"] === true;
  const opened = Object.entries(rest).filter(
    ([keyword, value]) => value !== false || !/^(?:additional|unevaluated)Properties$/.test(keyword),
  );
  return withUnion(
    {
      ...Object.fromEntries(opened),
      ...(values === undefined || isOpenEnum ? {} : { enum: values }),
    },
    oneOf,
  );
}

function withUnion(schema: JsonObject, oneOf: Json | undefined): JsonObject {
  if (oneOf === undefined) return schema;
  if (schema["anyOf"] === undefined) return { ...schema, anyOf: oneOf };
  const parts = Array.isArray(schema["allOf"]) ? schema["allOf"] : [];
  return { ...schema, allOf: [...parts, { anyOf: oneOf }] };
}
