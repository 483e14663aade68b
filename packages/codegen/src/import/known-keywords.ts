import { isObject, pointerTo, type Json, type JsonObject } from "../json.ts";
import { annotations } from "../lint/keywords.ts";
import type { Problem } from "../problem.ts";
import type { Source } from "./imported.ts";
import { mapSchema } from "../schema.ts";

/** JSON Schema 2020-12, as a bundled schema may use it. */
const vocabulary = words(
  "$ref $defs $comment title description default deprecated examples type enum const " +
    "properties required additionalProperties patternProperties propertyNames minProperties maxProperties " +
    "dependentRequired dependentSchemas unevaluatedProperties items prefixItems contains minContains maxContains " +
    "minItems maxItems uniqueItems unevaluatedItems minLength maxLength pattern format minimum maximum " +
    "exclusiveMinimum exclusiveMaximum multipleOf oneOf anyOf allOf not if then else",
);
const mapsOfSchemas = words(
  "properties patternProperties dependentSchemas $defs definitions dependencies schemas",
);
const values = words("enum const default examples example required type");
/** Places of an OpenAPI document that are about something else. */
const elsewhere = words("parameters headers responses paths");

/**
 * Leaves out of a bundled schema what is neither JSON Schema nor one of our annotations, with a warning for each such
 * keyword: how often it was there, and where it stands first in the document the schema came from.
 */
export function dropUnknownKeywords(schema: JsonObject, source: Source): Known {
  const dropped = new Map<string, number>();
  const known = mapSchema(schema, (inner) => {
    const entries = Object.entries(inner).filter(([keyword, value]) => {
      if (isKnown(keyword, value)) return true;
      dropped.set(keyword, (dropped.get(keyword) ?? 0) + 1);
      return false;
    });
    return Object.fromEntries(entries);
  });
  const warnings = [...dropped].map(([keyword, count]): Problem => {
    const times = count === 1 ? "once" : `${count} times`;
    const message = `${keyword} means nothing in a contract and was left out (${times}).`;
    const pointer = firstPlace(source.document, keyword, "") ?? "";
    return { code: "dropped_keyword", file: source.file, pointer, message };
  });
  return { schema: known, warnings };
}

export interface Known {
  readonly schema: JsonObject;
  readonly warnings: readonly Problem[];
}

function firstPlace(value: Json, keyword: string, pointer: string): string | undefined {
  const entries: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
      ? Object.entries(value)
      : [];
  for (const [key, inner] of entries) {
    const at = pointerTo(pointer, key);
    if (key === keyword) return at;
    if (values.has(String(key)) || elsewhere.has(String(key))) continue;
    const found = mapsOfSchemas.has(String(key))
      ? firstPlaceInMap(inner, keyword, at)
      : firstPlace(inner, keyword, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The names of members are not keywords. */
function firstPlaceInMap(map: Json, keyword: string, pointer: string): string | undefined {
  if (!isObject(map)) return undefined;
  for (const [name, inner] of Object.entries(map)) {
    const found = firstPlace(inner, keyword, pointerTo(pointer, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isKnown(keyword: string, value: Json): boolean {
  if (keyword.startsWith("x-"))
    return Object.hasOwn(annotations, keyword) && annotations[keyword]?.accepts(value) === true;
  return vocabulary.has(keyword) || (keyword === "discriminator" && isDiscriminator(value));
}

function isDiscriminator(value: Json): boolean {
  return isObject(value) && Object.keys(value).join() === "propertyName";
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}
