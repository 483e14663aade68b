import { canonicalJson, isObject, objectAt, pointerTo, type Json, type JsonObject } from "../json.ts";
import { kindOf, type Alternative, type Kind } from "./alternatives.ts";
import { formatTexts } from "./format-texts.ts";
import type { SchemaFacts } from "./value-builder.ts";
import { listOf } from "./merge.ts";
import { namesFor } from "./members.ts";
import { edgeNumbers, fitsNumber } from "./numbers.ts";
import { least, withMember, type Place } from "./places.ts";
import { edgeTexts, fitsText } from "./texts.ts";

/** A value that is wrong in one way for the place it is made for. */
export interface Fault {
  readonly keyword: string;
  /** Below the place. */
  readonly pointer: string;
  readonly value: Json;
  /** What is wrong, in a few words. */
  readonly what: string;
}

const longest = 10_000;
const maxItems = 1_000;

/** Values for a place that are each wrong in one way, as far as can be told without trying. */
export function* faultsAt({ schema }: Place, facts: SchemaFacts): Generator<Fault> {
  const { list } = facts.alternatives(schema);
  yield* otherKinds(list);
  yield* nearValues(list);
  for (const alternative of list) if ("flat" in alternative) yield* faultsOf(alternative, facts);
}

function* otherKinds(list: readonly Alternative[]): Generator<Fault> {
  const known = new Set(list.map((one) => (one.kind === "value" ? kindOf(one.value) : one.kind)));
  const samples: readonly [Kind, Json][] = [
    ["string", "1"],
    ["integer", 1],
    ["boolean", true],
    ["object", {}],
    ["array", []],
  ];
  const isKnown = (kind: Kind) => known.has(kind) || (kind === "integer" && known.has("number"));
  const other = samples.find(([kind]) => !isKnown(kind));
  const keyword = list.every(({ kind }) => kind === "value") ? "enum" : "type";
  if (other !== undefined)
    yield { keyword, pointer: "", value: other[1], what: `${article(other[0])} ${other[0]}` };
  if (!known.has("null")) yield { keyword, pointer: "", value: null, what: "null" };
  if (known.has("integer") && !known.has("number"))
    yield { keyword: "type", pointer: "", value: 0.5, what: "no whole number" };
}

/** Next to the values a schema lists: another spelling, the next number. */
function* nearValues(list: readonly Alternative[]): Generator<Fault> {
  const values = list.flatMap((one) => (one.kind === "value" ? [one.value] : []));
  const known = new Set(values.map(canonicalJson));
  const near = values.flatMap((value): readonly Json[] => {
    if (typeof value === "string") return [`${value}_`, value.toUpperCase(), value.slice(1)];
    return typeof value === "number" ? [value + 1, value - 1] : typeof value === "boolean" ? [!value] : [];
  });
  const value = near.find((one) => !known.has(canonicalJson(one)));
  if (value !== undefined) yield { keyword: "enum", pointer: "", value, what: "next to a known value" };
}

function* faultsOf(
  alternative: Alternative & { readonly flat: JsonObject },
  facts: SchemaFacts,
): Generator<Fault> {
  const { kind, flat } = alternative;
  if (kind === "integer" || kind === "number") yield* wrongNumbers(flat, kind === "integer");
  if (kind === "string") yield* wrongTexts(flat);
  if (kind === "array") yield* wrongArrays(flat, facts);
  if (kind === "object") yield* wrongObjects(flat, facts);
}

function* wrongNumbers(flat: JsonObject, isInteger: boolean): Generator<Fault> {
  const limits = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
  for (const keyword of limits) {
    const limit = flat[keyword];
    if (typeof limit !== "number") continue;
    const { [keyword]: _limit, ...rest } = flat;
    const step = Number(flat["multipleOf"] ?? 1);
    const near = [limit - step, limit + step, limit, limit / 2, limit * 1.5, limit - 1, limit + 1];
    const value = [...near, ...edgeNumbers(rest, isInteger)].find(
      (one) => fitsNumber(one, rest, isInteger) && !fitsNumber(one, flat, isInteger),
    );
    if (value !== undefined) yield { keyword, pointer: "", value, what: `beyond ${keyword}` };
  }
}

function* wrongTexts(flat: JsonObject): Generator<Fault> {
  const { minLength, maxLength, pattern, format, ...rest } = flat;
  const low = Number(minLength ?? 0);
  const high = Number(maxLength ?? Infinity);
  const lengths: readonly [string, number][] = [
    ["minLength", low - 1],
    ["maxLength", high + 1],
  ];
  for (const [keyword, length] of lengths) {
    if (length < 0 || length > longest) continue;
    const value = edgeTexts({ ...flat, minLength: length, maxLength: length })[0] ?? "a".repeat(length);
    yield { keyword, pointer: "", value, what: `beyond ${keyword}` };
  }
  const others: readonly [string, JsonObject][] = [
    ["pattern", { ...rest, ...defined({ minLength, maxLength, format }) }],
    ["format", { ...rest, ...defined({ minLength, maxLength, pattern }) }],
  ];
  const right = edgeTexts(flat).slice(0, 12);
  const broken = listOf(format ?? []).flatMap((one) => formatTexts(String(one)).broken);
  const near = right.flatMap((text) => [
    `${text}!`,
    `${text} `,
    text.slice(1),
    text.slice(0, -1),
    text.toUpperCase(),
    `-${text.slice(1)}`,
  ]);
  for (const [keyword, loose] of others) {
    if (flat[keyword] === undefined) continue;
    const value = [...broken, ...near, "!", ""].find(
      (text) => fitsText(text, loose) && !fitsText(text, flat),
    );
    if (value !== undefined) yield { keyword, pointer: "", value, what: `nearly of the ${keyword}` };
  }
}

function* wrongArrays(flat: JsonObject, facts: SchemaFacts): Generator<Fault> {
  const { minItems, maxItems: most, ...rest } = flat;
  const counts: readonly [string, number][] = [
    ["minItems", Number(minItems ?? 0) - 1],
    ["maxItems", Number(most ?? Infinity) + 1],
  ];
  for (const [keyword, count] of counts) {
    if (count < 0 || count > maxItems) continue;
    const value = least(facts).items(rest, { count, size: "least" });
    if (value.length === count) yield { keyword, pointer: "", value, what: `beyond ${keyword}` };
  }
  if (flat["uniqueItems"] !== true) return;
  const items = least(facts).items(flat, { count: Math.max(1, Number(minItems ?? 0)), size: "least" });
  const [first] = items;
  if (first !== undefined)
    yield { keyword: "uniqueItems", pointer: "", value: [...items, first], what: "with the same item twice" };
}

function* wrongObjects(flat: JsonObject, facts: SchemaFacts): Generator<Fault> {
  const small = least(facts).of({ kind: "object", flat });
  if (!isObject(small)) return;
  for (const name of listOf(flat["required"] ?? []).map(String)) {
    const { [name]: _left, ...value } = small;
    yield { keyword: "required", pointer: pointerTo("", name), value, what: "missing" };
  }
  const value = { ...small, unknown_member: true };
  yield { keyword: "additionalProperties", pointer: "/unknown_member", value, what: "unknown" };
  yield* wrongCounts(flat, small, facts);
}

function* wrongCounts(flat: JsonObject, small: JsonObject, facts: SchemaFacts): Generator<Fault> {
  const low = Number(flat["minProperties"] ?? 0);
  const required = listOf(flat["required"] ?? []).length;
  if (low > required) {
    const value = Object.fromEntries(Object.entries(small).slice(0, low - 1));
    yield { keyword: "minProperties", pointer: "", value, what: "beyond minProperties" };
  }
  const high = Number(flat["maxProperties"] ?? Infinity);
  if (high > maxItems) return;
  const names = [...Object.keys(objectAt(flat, "properties")), ...namesFor(flat, least(facts))];
  let value = small;
  for (const name of names) {
    if (Object.keys(value).length > high) break;
    value = withMember(value, flat, { name, facts });
  }
  if (Object.keys(value).length > high)
    yield { keyword: "maxProperties", pointer: "", value, what: "beyond maxProperties" };
}

function defined(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

function article(kind: Kind): string {
  return /^[aio]/.test(kind) ? "an" : "a";
}
