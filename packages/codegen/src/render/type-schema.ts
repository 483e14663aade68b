import { isObject, objectAt, stringsIn, type Json, type JsonObject } from "../json.ts";
import { referenceOf, referenceTo } from "../normalise/definitions.ts";
import { literalType, memberToken } from "./type-text.ts";

type TypeOf = (definition: string) => string;

/** A schema json-schema-to-typescript is asked to write as TypeScript itself. */
const unknownType: JsonObject = { tsType: "unknown" };
const freeObject: JsonObject = { type: "object", additionalProperties: unknownType };

/**
 * A bundled contract in the few keywords that json-schema-to-typescript reads well: references renamed to types, no
 * bounds, objects without index signatures unless the contract says they are open, each schema of one kind and the
 * rest as an intersection or union of such. What TypeScript cannot say is left out, never told wrong.
 */
export function typeSchema(schema: JsonObject, typeOf: TypeOf): JsonObject {
  const parts = partsOf(schema, typeOf);
  const said = parts.length > 1 ? parts.filter((part) => part !== freeObject && part !== unknownType) : parts;
  const [first = parts[0] ?? unknownType, ...others] = said;
  const notes = notesOf(schema);
  // Beside a reference, what is said here would be said of a copy of the type; so would a name.
  if (others.length > 0 || first["$ref"] !== undefined) return { ...notes, allOf: [first, ...others] };
  return { ...first, ...notes };
}

function notesOf({ description, deprecated }: JsonObject): JsonObject {
  return {
    ...(typeof description === "string" && description !== "" ? { description } : {}),
    ...(deprecated === true ? { deprecated } : {}),
  };
}

/** What a schema asks for, each part by itself; a value must be of all of them. */
function partsOf(schema: JsonObject, typeOf: TypeOf): readonly JsonObject[] {
  const { not } = schema;
  const definition = referenceOf(schema);
  const parts: JsonObject[] = [];
  if (definition !== undefined) parts.push({ $ref: referenceTo(typeOf(definition)) });
  if (isObject(not) && Object.keys(not).length === 0) parts.push({ tsType: "never" });
  parts.push(...valueParts(schema, typeOf));
  for (const keyword of ["anyOf", "oneOf"]) {
    const branches = schemasAt(schema, keyword).map((branch) => typeSchema(branch, typeOf));
    if (branches.length > 0) parts.push(unionOf(branches));
  }
  for (const part of schemasAt(schema, "allOf")) parts.push(typeSchema(part, typeOf));
  return parts;
}

/** What the schema itself says of the value. */
function valueParts(schema: JsonObject, typeOf: TypeOf): readonly JsonObject[] {
  const { const: constant, enum: values } = schema;
  if (constant !== undefined) return [{ tsType: literalType(constant) }];
  if (Array.isArray(values)) return [enumOf(schema, values)];
  const types = typesOf(schema);
  return types.length === 0 ? [] : [unionOf(types.map((type) => ofType(type, schema, typeOf)))];
}

/** Editors still offer the known values of an open enum, and any other string compiles. */
function enumOf(schema: JsonObject, values: readonly Json[]): JsonObject {
  const types = values.map(literalType);
  if (types.length === 0) return { tsType: "never" };
  return { tsType: [...types, ...(schema["x-open-enum"] === true ? ["(string & {})"] : [])].join(" | ") };
}

const objectKeywords = ["properties", "required", "additionalProperties", "patternProperties"];
const arrayKeywords = ["items", "prefixItems"];

/** The types a schema names, or those its other keywords are about. */
function typesOf(schema: JsonObject): readonly Json[] {
  const { type } = schema;
  if (type !== undefined) return Array.isArray(type) ? (type as readonly Json[]) : [type];
  if (objectKeywords.some((keyword) => schema[keyword] !== undefined)) return ["object"];
  return arrayKeywords.some((keyword) => schema[keyword] !== undefined) ? ["array"] : [];
}

function ofType(type: Json, schema: JsonObject, typeOf: TypeOf): JsonObject {
  if (type === "object") return objectOf(schema, typeOf);
  if (type === "array") return arrayOf(schema, typeOf);
  return type === "integer" ? { type: "number" } : { type };
}

function objectOf(schema: JsonObject, typeOf: TypeOf): JsonObject {
  const given = objectAt(schema, "properties");
  const tag = objectAt(schema, "discriminator")["propertyName"];
  // The variants of a union say themselves what their tag is.
  const required = stringsIn(schema["required"]).filter((name) => name !== tag || Object.hasOwn(given, name));
  const names = [...new Set([...Object.keys(given), ...required])];
  if (names.length === 0) return mapOf(schema, typeOf);
  const properties = names.map((name) => {
    const member = Object.hasOwn(given, name) ? given[name] : undefined;
    return [memberToken(name), isObject(member) ? typeSchema(member, typeOf) : booleanType(member)];
  });
  const isOpen =
    opens(schema["additionalProperties"]) || Object.keys(objectAt(schema, "patternProperties")).length > 0;
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: names.filter((name) => required.includes(name)).map(memberToken),
    // Every member has to fit the index signature, so only this one fits all.
    additionalProperties: isOpen ? unknownType : false,
  };
}

/** An object of which no member is named. */
function mapOf(schema: JsonObject, typeOf: TypeOf): JsonObject {
  const patterns = Object.values(objectAt(schema, "patternProperties"));
  const { additionalProperties: rest } = schema;
  if (patterns.length === 0 && !isObject(rest)) {
    const isEmpty = rest === false || (rest === undefined && schema["properties"] !== undefined);
    return isEmpty ? { tsType: "Record<string, never>" } : freeObject;
  }
  const values = [...patterns, ...(rest === undefined || rest === true ? [{}] : [rest])];
  const types = values.filter(isObject).map((value) => typeSchema(value, typeOf));
  return types.length === 0 ? freeObject : { type: "object", additionalProperties: unionOf(types) };
}

function arrayOf(schema: JsonObject, typeOf: TypeOf): JsonObject {
  const first = schemasAt(schema, "prefixItems").map((item) => typeSchema(item, typeOf));
  const { items } = schema;
  const isEnd = items === false || (isObject(items) && isNever(items));
  const rest = isObject(items) ? typeSchema(items, typeOf) : unknownType;
  if (first.length === 0) return { type: "array", items: isEnd ? { tsType: "never" } : rest };
  const minItems = schema["minItems"];
  // A tuple says that its members are there.
  if (typeof minItems !== "number" || minItems < first.length)
    return { type: "array", items: unionOf(isEnd ? first : [...first, rest]) };
  return { type: "array", items: first, additionalItems: isEnd ? false : rest };
}

function unionOf(types: readonly JsonObject[]): JsonObject {
  const [only, ...others] = types;
  return only !== undefined && others.length === 0 ? only : { anyOf: types };
}

function booleanType(value: Json | undefined): JsonObject {
  return value === false ? { tsType: "never" } : unknownType;
}

/** Whether a contract says itself that members without a name are welcome. */
function opens(value: Json | undefined): boolean {
  return value === true || (isObject(value) && !isNever(value));
}

function isNever({ not, ...rest }: JsonObject): boolean {
  return isObject(not) && Object.keys(not).length === 0 && Object.keys(rest).length === 0;
}

function schemasAt(schema: JsonObject, keyword: string): readonly JsonObject[] {
  const list = schema[keyword];
  return Array.isArray(list)
    ? list.map((item: Json) => (isObject(item) ? item : item === false ? { not: {} } : {}))
    : [];
}
