import { isObject, type Json, type JsonObject } from "../json.ts";
import { mapSchema } from "../schema.ts";

/** `closed` is the producer's: an unknown member is an error. `open` is the consumer's: it reads what is newer too. */
export type Openness = "closed" | "open";

const annotations = /^(?:x-.*|\$schema|\$id|\$comment|title|description|examples|default|deprecated)$/;

/** A bundled contract as a validator sees it: without annotations, its objects all closed or all open. */
export function validatorSchema(schema: JsonObject, openness: Openness): JsonObject {
  return mapSchema(schema, (inner) => {
    const bare = nullable(withoutAnnotations(inner));
    return openness === "closed" ? close(bare) : open(bare, inner["x-open-enum"] === true);
  });
}

function withoutAnnotations(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !annotations.test(keyword)));
}

/** `X or null` becomes "unless it is null, X": so a fault inside X is told as just that. */
function nullable(schema: JsonObject): JsonObject {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return schema;
  const other = anyOf.find((branch) => !isNull(branch));
  return other === undefined ? schema : { ...rest, if: { type: "null" }, else: other };
}

function isNull(branch: Json): boolean {
  return isObject(branch) && branch["type"] === "null";
}

function close(schema: JsonObject): JsonObject {
  const isOpen = isObject(schema["properties"]) && schema["additionalProperties"] === undefined;
  return isOpen ? { ...schema, additionalProperties: false } : schema;
}

function open(schema: JsonObject, isOpenEnum: boolean): JsonObject {
  const { additionalProperties, enum: values, ...rest } = schema;
  return {
    ...rest,
    ...(isObject(additionalProperties) ? { additionalProperties } : {}),
    ...(values === undefined || isOpenEnum ? {} : { enum: values }),
  };
}
