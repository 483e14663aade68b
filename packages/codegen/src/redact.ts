import { createHash } from "node:crypto";
import { canonicalJson, isObject, objectAt, type Json, type JsonObject } from "./json.ts";
import { partsOf } from "./normalise/companions.ts";

/** What stands for a value that is not shown. */
export const hiddenText = "[hidden]";

const ways = ["drop", "mask", "hash"] as const;
type Way = (typeof ways)[number];

/** Deeper values are hidden whole. */
const maxDepth = 100;

/**
 * A copy of `data` to show or log, without what its bundled contract marks `x-sensitive`: `x-redact` says whether a
 * value is left out (`drop`), replaced by `[hidden]` (`mask`, the default), or by a digest that is the same for the same
 * value (`hash`; a value that can be guessed can be found by it). What any branch of a union marks is hidden, and where
 * several say how, the one that tells least counts. In a list, what is dropped is masked: the others keep their places.
 */
export function redact(data: Json, schema: JsonObject): Json {
  const definitions = objectAt(schema, "$defs");
  const redacted = redactValue(data, [schema], { definitions, depth: 0 });
  return redacted === undefined ? hiddenText : redacted;
}

interface Walk {
  readonly definitions: JsonObject;
  readonly depth: number;
}

function redactValue(value: Json, schemas: readonly JsonObject[], walk: Walk): Json | undefined {
  const all = [...new Set(schemas.flatMap((schema) => withParts(schema, walk.definitions)))];
  const marked = all.filter((schema) => schema["x-sensitive"] !== undefined);
  if (marked.length > 0) return hidden(value, marked);
  if (walk.depth > maxDepth) return hiddenText;
  const next = { ...walk, depth: walk.depth + 1 };
  if (Array.isArray(value))
    return value.map((item: Json, index) => redactValue(item, itemSchemas(all, index), next) ?? hiddenText);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, inner]) => ({
    name,
    inner: redactValue(inner, memberSchemas(all, name), next),
  }));
  return Object.fromEntries(
    members.flatMap(({ name, inner }) => (inner === undefined ? [] : [[name, inner] as const])),
  );
}

/** The one that tells least; a way nobody knows masks. */
function hidden(value: Json, marked: readonly JsonObject[]): Json | undefined {
  const given = marked.map((schema) => ways.find((way) => way === schema["x-redact"]) ?? "mask");
  const way: Way = ways.find((one) => given.includes(one)) ?? "mask";
  if (way === "drop") return undefined;
  if (way === "mask") return hiddenText;
  return `sha256:${createHash("sha256").update(canonicalJson(value)).digest("hex")}`;
}

/** A schema with all that speaks of the same value, by reference too. */
function withParts(schema: JsonObject, definitions: JsonObject): readonly JsonObject[] {
  const found = new Set<JsonObject>();
  const waiting = [schema];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (found.has(part)) continue;
    found.add(part);
    waiting.push(...partsOf(part, definitions));
  }
  return [...found];
}

function memberSchemas(schemas: readonly JsonObject[], name: string): readonly JsonObject[] {
  return schemas.flatMap((schema) => {
    const properties = objectAt(schema, "properties");
    const named = Object.hasOwn(properties, name) ? [properties[name] ?? null] : [];
    // Whether a pattern fits is not asked: rather too much is hidden than too little.
    const patterns = Object.values(objectAt(schema, "patternProperties"));
    const rest = named.length > 0 ? [] : [schema["additionalProperties"] ?? null];
    return [...named, ...patterns, ...rest, schema["unevaluatedProperties"] ?? null].filter(isObject);
  });
}

function itemSchemas(schemas: readonly JsonObject[], index: number): readonly JsonObject[] {
  return schemas.flatMap((schema) => {
    const prefix = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
    const own = index < prefix.length ? prefix[index] : schema["items"];
    return [own ?? null, schema["contains"] ?? null, schema["unevaluatedItems"] ?? null].filter(isObject);
  });
}
