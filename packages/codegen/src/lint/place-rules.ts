import { isObject, objectAt, pointerTo, stringsIn, type Json, type JsonObject } from "../json.ts";
import type { Place } from "../schema.ts";
import { patternFaultOf } from "../pattern/pattern.ts";

interface Finding {
  /** Below the place. */
  readonly pointer?: string;
  readonly message: string;
}

/** A rule about a single place in a schema, beyond the spelling of its keywords. */
export interface PlaceRule {
  readonly code: string;
  readonly level: "always" | "strict";
  readonly findings: (place: Place) => readonly Finding[];
}

const annotationBesideRef = /^(?:\$ref|\$defs|\$comment|title|description|deprecated|default|examples|x-.*)$/;
const maxSafe = Number.MAX_SAFE_INTEGER;

/** Wider than any event has been seen to be; what is generated of it grows with it, and so does the time. */
const maxWidth = 1_000;

export const placeRules: readonly PlaceRule[] = [
  {
    code: "too_complex",
    level: "always",
    findings: ({ schema }) =>
      ["properties", "enum"]
        .filter((keyword) => widthOf(schema[keyword]) > maxWidth)
        .map((keyword) => ({
          pointer: `/${keyword}`,
          message: `${keyword} has ${widthOf(schema[keyword])} entries; at most ${maxWidth} can be checked.`,
        })),
  },
  {
    code: "keyword_beside_ref",
    level: "strict",
    findings: ({ schema }) =>
      schema["$ref"] === undefined
        ? []
        : Object.keys(schema)
            .filter((keyword) => !annotationBesideRef.test(keyword))
            .map((keyword) => ({ pointer: `/${keyword}`, message: `${keyword} cannot stand beside $ref.` })),
  },
  {
    code: "unresolved_reference",
    level: "strict",
    findings: ({ schema }) =>
      typeof schema["$ref"] === "string" && /^#(?!\/\$defs\/[A-Za-z][\w-]*$)/.test(schema["$ref"])
        ? [{ pointer: "/$ref", message: 'A reference is "#/$defs/name" or the relative path of a file.' }]
        : [],
  },
  {
    code: "union_without_discriminator",
    level: "strict",
    findings: ({ schema }) =>
      schema["oneOf"] !== undefined && schema["discriminator"] === undefined
        ? [
            {
              pointer: "/oneOf",
              message: "A union needs a discriminator, so that one fault gives one error.",
            },
          ]
        : [],
  },
  {
    code: "any_of_beyond_null",
    level: "strict",
    findings: ({ schema }) =>
      Array.isArray(schema["anyOf"]) && !isNullable(schema["anyOf"])
        ? [
            {
              pointer: "/anyOf",
              message: 'anyOf is for "this or null" only; use oneOf with a discriminator.',
            },
          ]
        : [],
  },
  {
    code: "object_without_properties",
    level: "strict",
    findings: ({ schema }) =>
      schema["type"] === "object" &&
      schema["oneOf"] === undefined &&
      schema["properties"] === undefined &&
      !isObject(schema["additionalProperties"])
        ? [{ message: "An object needs properties, or a schema for its values in additionalProperties." }]
        : [],
  },
  {
    code: "untyped",
    level: "strict",
    findings: ({ schema }) =>
      ["type", "$ref", "const", "enum", "oneOf", "anyOf"].every((keyword) => schema[keyword] === undefined)
        ? [{ message: "A schema needs a type, const, enum, $ref or union." }]
        : [],
  },
  {
    code: "undefined_required",
    level: "strict",
    findings: ({ schema }) =>
      stringsIn(schema["required"])
        .filter(
          (name) => schema["oneOf"] === undefined && !Object.hasOwn(objectAt(schema, "properties"), name),
        )
        .map((name) => ({ pointer: "/required", message: `${name} is required but not among properties.` })),
  },
  {
    code: "member_name",
    level: "strict",
    findings: ({ schema }) =>
      Object.keys(objectAt(schema, "properties"))
        .filter((name) => !/^[a-z][a-z0-9_]*$/.test(name) || name in Object.prototype)
        .map((name) => ({
          pointer: pointerTo("/properties", name),
          message: "Members are named in snake_case.",
        })),
  },
  {
    code: "member_name",
    level: "always",
    findings: ({ schema }) =>
      ["properties", "patternProperties", "dependentSchemas"].flatMap((keyword) =>
        Object.keys(objectAt(schema, keyword))
          .filter((name) => name === "__proto__" || !name.isWellFormed())
          .map((name) => ({
            pointer: pointerTo(`/${keyword}`, name),
            message: "No member can be called __proto__ in JavaScript, or by half a character in UTF-8.",
          })),
      ),
  },
  {
    code: "pattern",
    level: "always",
    findings: ({ schema }) =>
      patternsOf(schema).flatMap(([pointer, pattern]) => {
        const fault = patternFaultOf(pattern);
        return fault === undefined ? [] : [{ pointer, message: fault.message }];
      }),
  },
  {
    code: "unbounded_pattern",
    level: "strict",
    findings: ({ schema }) =>
      schema["pattern"] !== undefined && schema["maxLength"] === undefined
        ? [{ pointer: "/pattern", message: "A pattern needs a maxLength." }]
        : [],
  },
  {
    code: "unique_objects",
    level: "strict",
    findings: ({ schema }) =>
      schema["uniqueItems"] === true && !isScalarType(objectAt(schema, "items")["type"])
        ? [{ pointer: "/uniqueItems", message: "uniqueItems is for strings, numbers and booleans only." }]
        : [],
  },
  {
    code: "open_enum_without_enum",
    level: "always",
    findings: ({ schema }) =>
      schema["x-open-enum"] !== undefined && (schema["enum"] === undefined || schema["type"] !== "string")
        ? [{ pointer: "/x-open-enum", message: "x-open-enum needs a type string with an enum." }]
        : [],
  },
  {
    code: "open_union_without_union",
    level: "always",
    findings: ({ schema }) =>
      schema["x-open-union"] !== undefined && schema["oneOf"] === undefined && schema["anyOf"] === undefined
        ? [{ pointer: "/x-open-union", message: "x-open-union needs a oneOf or anyOf." }]
        : [],
  },
  {
    code: "redact_without_sensitive",
    level: "always",
    findings: ({ schema }) =>
      schema["x-redact"] !== undefined && schema["x-sensitive"] === undefined
        ? [{ pointer: "/x-redact", message: "x-redact says how to hide what x-sensitive marks." }]
        : [],
  },
  {
    code: "misplaced_annotation",
    level: "always",
    findings: ({ pointer, schema }) =>
      pointer !== "" && schema["x-event"] !== undefined
        ? [
            {
              pointer: "/x-event",
              message: "x-event describes a contract as a whole, so it stands at its root.",
            },
          ]
        : [],
  },
  {
    code: "undescribed",
    level: "strict",
    findings: ({ schema }) =>
      Object.entries(objectAt(schema, "properties"))
        .filter(([, property]) => isObject(property) && property["description"] === undefined)
        .filter(([, property]) => isObject(property) && property["const"] === undefined)
        .map(([name]) => ({ pointer: pointerTo("/properties", name), message: "Needs a description." })),
  },
  {
    code: "unbounded_integer",
    level: "strict",
    findings: ({ schema }) =>
      [schema["type"]].flat().includes("integer") && schema["enum"] === undefined && !isBounded(schema)
        ? [{ message: `An integer needs a minimum and a maximum within ±${maxSafe}.` }]
        : [],
  },
];

function patternsOf(schema: JsonObject): readonly (readonly [string, string])[] {
  const names = Object.keys(objectAt(schema, "patternProperties"));
  return [
    ...(typeof schema["pattern"] === "string" ? [["/pattern", schema["pattern"]] as const] : []),
    ...names.map((pattern) => [pointerTo("/patternProperties", pattern), pattern] as const),
  ];
}

function isNullable(branches: readonly Json[]): boolean {
  return (
    branches.length === 2 &&
    branches.filter((branch) => isObject(branch) && branch["type"] === "null").length === 1
  );
}

function isBounded(schema: JsonObject): boolean {
  const low = schema["minimum"] ?? schema["exclusiveMinimum"];
  const high = schema["maximum"] ?? schema["exclusiveMaximum"];
  return typeof low === "number" && low >= -maxSafe && typeof high === "number" && high <= maxSafe;
}

function isScalarType(type: Json | undefined): boolean {
  return ["string", "integer", "number", "boolean"].includes(type as string);
}

function widthOf(value: Json | undefined): number {
  if (Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 0;
}
