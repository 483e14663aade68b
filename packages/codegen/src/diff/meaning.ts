import { canonicalJson, isObject, type Json, type JsonObject } from "../json.ts";
import { isAnnotation } from "./keywords.ts";
import { referred } from "./source.ts";

const maps = new Set(["properties", "patternProperties", "dependentSchemas"]);
const lists = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const sets = new Set(["type", "enum", "required"]);
const singles = new Set([
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** Beyond this, text of references gone into over and over is not worth its memory. */
const maxLength = 200_000;

/**
 * The same text for two values of a keyword that differ only in annotations, in the order of what has none, or in
 * the names of definitions. What grows too long is given a text of its own, which equals no other.
 */
export function meaningOf(root: JsonObject, keyword: string, value: Json): string {
  const writer = new Writer(root);
  const text = writer.keyword(keyword, value, []);
  return writer.isTooLong ? `too long ${unique++}` : text;
}

let unique = 0;

class Writer {
  readonly #root: JsonObject;
  #length = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  get isTooLong(): boolean {
    return this.#length > maxLength;
  }

  keyword(keyword: string, value: Json, open: readonly unknown[]): string {
    if (this.isTooLong) return "";
    if (keyword === "const") return this.#text("enum", canonicalJson([value]));
    if (keyword === "$ref") return this.#text(keyword, this.#schema(referred(this.#root, value), open));
    if (sets.has(keyword)) {
      const members = [value].flat().map((each) => canonicalJson(each));
      return this.#text(keyword, `[${members.toSorted().join(",")}]`);
    }
    if (singles.has(keyword)) return this.#text(keyword, this.#schema(value, open));
    if (lists.has(keyword) && Array.isArray(value))
      return this.#text(keyword, `[${value.map((each) => this.#schema(each, open)).join(",")}]`);
    if (maps.has(keyword) && isObject(value)) {
      const members = Object.keys(value).toSorted();
      const texts = members.map(
        (name) => `${JSON.stringify(name)}:${this.#schema(value[name] ?? true, open)}`,
      );
      return this.#text(keyword, `{${texts.join(",")}}`);
    }
    return this.#text(keyword, canonicalJson(value));
  }

  #schema(schema: Json, open: readonly unknown[]): string {
    if (!isObject(schema)) return canonicalJson(schema);
    const depth = open.indexOf(schema);
    if (depth >= 0) return `again ${depth}`;
    const said = Object.entries(schema).filter(
      ([keyword]) => keyword === "x-open-enum" || !isAnnotation(keyword),
    );
    const texts = said
      .filter(([keyword]) => keyword !== "$defs")
      .map(([keyword, value]) => this.keyword(keyword, value, [...open, schema]));
    return `{${texts.toSorted().join(",")}}`;
  }

  #text(keyword: string, text: string): string {
    this.#length += text.length;
    return `${JSON.stringify(keyword)}:${text}`;
  }
}
