import { isObject, type Json, type JsonObject } from "../json.ts";
import { formats } from "../formats.ts";
import { isLonger, isShorter } from "../runtime/text-length.ts";
import { formatTexts } from "./format-texts.ts";
import { listOf } from "./merge.ts";
import { wordsOf, type Words } from "../pattern/words.ts";
import { roll, type Dice } from "../runtime/dice.ts";

/** Longer texts prove nothing that shorter ones do not. */
const maxLength = 5_000;

/** Whether a text is what a flat schema asks of texts. */
export function fitsText(text: string, flat: JsonObject): boolean {
  const { low, high } = lengthsOf(flat);
  return (
    !isShorter(text, low) &&
    !(Number.isFinite(high) && isLonger(text, high)) &&
    patternsOf(flat).every((words) => words.has(text)) &&
    formatsOf(flat).every((format) => formats[format]?.(text) ?? true)
  );
}

/** Texts at the edges of what is allowed: shortest, longest, one character inside each, other alphabets and spellings. */
export function edgeTexts(flat: JsonObject): readonly string[] {
  const key = JSON.stringify(["minLength", "maxLength", "pattern", "format"].map((keyword) => flat[keyword]));
  const known = knownEdges.get(key) ?? findEdges(flat);
  if (knownEdges.size > maxKnown) knownEdges.clear();
  knownEdges.set(key, known);
  return known;
}

/** A few kinds of text are asked for again and again. */
const knownEdges = new Map<string, readonly string[]>();
const maxKnown = 500;

function findEdges(flat: JsonObject): readonly string[] {
  const { low, high } = lengthsOf(flat);
  const [words] = patternsOf(flat);
  const formatted = formatsOf(flat).flatMap((format) => formatTexts(format).valid);
  const top = Number.isFinite(high) ? high : low + 40;
  const usual = Math.min(top, low + 40);
  const lengths = [low, low + 1, usual, top, top - 1].filter((length) => length >= 0 && length <= maxLength);
  const patterned = words === undefined ? [] : lengths.map((length) => words.ofLength(length));
  const nearby =
    words === undefined
      ? []
      : [words.between(low, top, "least"), words.between(low, top, "most"), ...words.edges];
  const plain = lengths.flatMap((length) => [
    "a".repeat(length),
    ..."ä😀 0A".split(" ").map((fill) => filled(fill, length)),
  ]);
  const padded = formatted.flatMap((text) => lengths.flatMap((length) => stretched(text, length)));
  const known = [...formatted, ...nearby, ...patterned, ...plain, ...padded].filter(
    (text) => text !== undefined,
  );
  return [...new Set(known)].filter((text) => fitsText(text, flat));
}

/** The shortest of the edges, or the longest that is not unreasonably long. */
export function plainText(flat: JsonObject, size: "least" | "most"): string | undefined {
  const texts = edgeTexts(flat);
  const known = plainTexts.get(texts) ?? { least: shortestOf(texts), most: longestOf(texts) };
  plainTexts.set(texts, known);
  return known[size];
}

const plainTexts = new WeakMap<readonly string[], Readonly<Record<"least" | "most", string | undefined>>>();

function shortestOf(texts: readonly string[]): string | undefined {
  return texts.toSorted((a, b) => a.length - b.length)[0];
}

function longestOf(texts: readonly string[]): string | undefined {
  const reasonable = texts
    .filter((text) => text.length <= 300)
    .map((text) => ({ text, length: [...text].length }));
  return reasonable.toSorted((a, b) => b.length - a.length)[0]?.text ?? texts[0];
}

export function randomText(flat: JsonObject, dice: Dice): string | undefined {
  const { low, high } = lengthsOf(flat);
  const [words] = patternsOf(flat);
  const [format] = formatsOf(flat);
  const top = Math.min(high, low + 24);
  const length = roll(dice, Math.min(low, maxLength), Math.min(top, maxLength));
  const candidates = [
    format === undefined ? undefined : formatTexts(format).random?.(dice),
    words?.random(dice, { low, high: top }),
    Array.from({ length }, () => alphabet[roll(dice, 0, alphabet.length - 1)]).join(""),
  ];
  const edges = edgeTexts(flat);
  return (
    candidates.find((text) => text !== undefined && fitsText(text, flat)) ??
    edges[roll(dice, 0, edges.length - 1)]
  );
}

const alphabet = [...'abcdefghijklmnopqrstuvwxyz0123456789 -_ABCÄé漢😀"\\/\n'];

function lengthsOf(flat: JsonObject): { readonly low: number; readonly high: number } {
  return { low: Number(flat["minLength"] ?? 0), high: Number(flat["maxLength"] ?? Infinity) };
}

function patternsOf(flat: JsonObject): readonly Words[] {
  return textsAt(flat, "pattern").map(wordsOf);
}

function formatsOf(flat: JsonObject): readonly string[] {
  return textsAt(flat, "format");
}

function textsAt(flat: JsonObject, keyword: string): readonly string[] {
  const value: Json = flat[keyword] ?? [];
  return isObject(value) ? [] : listOf(value).filter((one) => typeof one === "string");
}

/** A text of two characters over and over. */
function filled(fill: string, length: number): string {
  const [first = ""] = fill;
  return fill.repeat(length >> 1) + (length % 2 === 1 ? first : "");
}

/** A text of a format, made longer where formats allow it: at the end, or before an @. */
function stretched(text: string, length: number): readonly string[] {
  const missing = length - text.length;
  if (missing <= 0) return [];
  return [text + "a".repeat(missing), `${text}/${"a".repeat(missing - 1)}`, "a".repeat(missing) + text];
}
