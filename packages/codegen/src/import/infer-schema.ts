import { isObject, type Json, type JsonObject } from "../json.ts";
import { formats } from "../formats.ts";

export interface InferOptions {
  /** Take a few values that keep coming back for all there are. Default: no, for nobody can know. */
  readonly enums?: boolean | undefined;
}

/** Formats that no other text has by accident; almost any word is a host name. */
const tellingFormats = ["date-time", "date", "email", "uri", "uuid"];

/**
 * The narrowest plain schema that accepts all the values: types, formats that all texts have, members required that
 * no value lacks. What examples cannot tell is left for a person, in descriptions that begin with "Describe".
 */
export function inferSchema(values: readonly Json[], options: InferOptions = {}): JsonObject {
  const isNullable = values.includes(null);
  const kinds = kindsOf(values);
  const shapes = kinds.map((kind) => shapeOf(kind, values, options));
  const [only] = shapes;
  if (only === undefined) return { type: "null" };
  if (shapes.length === 1 && !isNullable) return only;
  const isScalar = kinds.every((kind) => kind !== "object" && kind !== "array");
  // Formats and bounds of one type would not say anything about the others.
  if (isScalar && shapes.length > 1) return { type: [...kinds, ...(isNullable ? ["null"] : [])] };
  if (isScalar && only["enum"] === undefined) return { ...only, type: [...kinds, "null"] };
  return { anyOf: [...shapes, ...(isNullable ? [{ type: "null" }] : [])] };
}

type Kind = "object" | "array" | "string" | "boolean" | "integer" | "number";

function kindsOf(values: readonly Json[]): readonly Kind[] {
  const kinds = new Set(values.flatMap((value) => kindOf(value) ?? []));
  if (kinds.has("number")) kinds.delete("integer");
  return [...kinds].toSorted();
}

function kindOf(value: Json): Kind | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) return "array";
  // Beyond 2^53 a number has already lost its last digits.
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "number";
  return typeof value as Kind;
}

function shapeOf(kind: Kind, values: readonly Json[], options: InferOptions): JsonObject {
  if (kind === "object") return objectShape(values.filter(isObject), options);
  if (kind === "array") {
    const items = values.flatMap((value): readonly Json[] => (Array.isArray(value) ? value : []));
    return items.length === 0 ? { type: "array" } : { type: "array", items: inferSchema(items, options) };
  }
  if (kind === "string")
    return stringShape(
      values.filter((value) => typeof value === "string"),
      options,
    );
  if (kind === "integer")
    return { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
  return { type: kind };
}

function objectShape(values: readonly JsonObject[], options: InferOptions): JsonObject {
  const names = [...new Set(values.flatMap((value) => Object.keys(value)))];
  const properties = names.map((name): [string, Json] => {
    const seen = values.flatMap((value) => (Object.hasOwn(value, name) ? [value[name] ?? null] : []));
    return [name, { description: describe(name, seen), ...inferSchema(seen, options) }];
  });
  const required = names.filter((name) => values.every((value) => Object.hasOwn(value, name)));
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
  };
}

function describe(name: string, seen: readonly Json[]): string {
  if (seen.every((value) => value === null)) return `Describe ${name}, and what it is when it is not null.`;
  if (seen.every((value) => Array.isArray(value) && value.length === 0))
    return `Describe ${name}, and what its items are.`;
  return `Describe ${name}.`;
}

/** A value that comes back twice on average, among at most so many, looks like a choice. */
const maxChoices = 8;

function stringShape(values: readonly string[], { enums = false }: InferOptions): JsonObject {
  const format = tellingFormats.find((name) => values.every((value) => formats[name]?.(value)));
  if (format !== undefined) return { type: "string", format };
  const distinct = [...new Set(values)].toSorted();
  const isChoice = enums && distinct.length <= maxChoices && values.length >= 2 * distinct.length;
  return isChoice ? { type: "string", enum: distinct } : { type: "string" };
}
