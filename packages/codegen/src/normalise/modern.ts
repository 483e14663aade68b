import { isObject, objectAt, type Json, type JsonObject } from "../json.ts";

const annotations =
  /^(?:title|description|deprecated|default|examples|readOnly|writeOnly|\$comment|x-.*|\$ref)$/;
const identity =
  /^(?:\$schema|\$id|\$anchor|\$dynamicAnchor|\$recursiveAnchor|\$vocabulary|\$defs|definitions)$/;

const draft07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;
/** OpenAPI 3.1 has a dialect of its own, which is this one with more annotations. */
const draft2020 =
  /^(?:https?:\/\/json-schema\.org\/draft\/2020-12\/schema|https:\/\/spec\.openapis\.org\/oas\/3\.\d\/(?:dialect|schema)\/[\w-]+)#?$/;

/** What a schema may be written in, for people. */
export const knownDialects =
  "https://json-schema.org/draft/2020-12/schema or http://json-schema.org/draft-07/schema#";

/** Whether `$schema` names a draft that is understood: the same words mean something else in others. */
export function isKnownDialect(dialect: string): boolean {
  return draft2020.test(dialect) || draft07.test(dialect);
}

/** Whether `$schema` names the draft in which whatever stands beside a `$ref` is ignored. */
export function isOldDraft(dialect: string): boolean {
  return draft07.test(dialect);
}

/**
 * One schema, without those inside it, in the vocabulary of 2020-12: lists of `items` become `prefixItems`,
 * `dependencies` become `dependentRequired` and `dependentSchemas`; names, definitions and, in old drafts, what
 * stands beside a `$ref` go.
 */
export function modern(schema: JsonObject, isOld: boolean): JsonObject {
  const hidesRest = isOld && typeof schema["$ref"] === "string";
  const kept = Object.entries(schema).filter(([keyword]) =>
    hidesRest ? annotations.test(keyword) : !identity.test(keyword),
  );
  return modernDependencies(modernItems(Object.fromEntries(kept)));
}

/** Where a schema of the modern form stands in the original. */
export function originalPointer(schema: JsonObject, pointer: string): string {
  const hasList = Array.isArray(schema["items"]);
  if (hasList && pointer.startsWith("/prefixItems/")) return pointer.replace("prefixItems", "items");
  if (hasList && pointer === "/items") return "/additionalItems";
  const [, keyword, name = ""] = pointer.split("/");
  const isDependency = keyword === "dependentSchemas" && schema["dependentSchemas"] === undefined;
  return isDependency ? `/dependencies/${name}` : pointer;
}

/** `true` and `false` as objects, but `false` where it says that nothing more may come. */
export function booleanSchema(value: boolean, pointer: string): Json {
  if (value) return {};
  return /^\/(?:additionalProperties|unevaluatedProperties|items|unevaluatedItems)$/.test(pointer)
    ? false
    : { not: {} };
}

function modernItems(schema: JsonObject): JsonObject {
  const { items, additionalItems, ...rest } = schema;
  if (Array.isArray(items))
    return {
      ...rest,
      prefixItems: items,
      ...(additionalItems === undefined ? {} : { items: additionalItems }),
    };
  return additionalItems === undefined ? schema : { ...rest, ...(items === undefined ? {} : { items }) };
}

function modernDependencies(schema: JsonObject): JsonObject {
  const { dependencies, ...rest } = schema;
  if (!isObject(dependencies)) return schema;
  const entries = Object.entries(dependencies);
  const required = entries.filter(([, value]) => Array.isArray(value));
  const schemas = entries.filter(([, value]) => !Array.isArray(value));
  return {
    ...rest,
    ...together("dependentRequired", required, rest),
    ...together("dependentSchemas", schemas, rest),
  };
}

function together(
  keyword: string,
  entries: readonly (readonly [string, Json])[],
  rest: JsonObject,
): JsonObject {
  if (entries.length === 0) return {};
  return { [keyword]: { ...objectAt(rest, keyword), ...Object.fromEntries(entries) } };
}
