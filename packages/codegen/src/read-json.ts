import { roundingOf } from "./exact-number.ts";
import { pointerTo, type Json } from "./json.ts";
import type { Problem } from "./problem.ts";

export type ReadJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly problem: Problem };

/** Deeper than any contract or payload need be, and far from what the stack of a walker bears. */
const maxDepth = 100;

export interface ReadJsonOptions {
  /** Names of members whose numbers may become others when they are read, as long as they stay finite; by default none. */
  readonly rounded?: ReadonlySet<string>;
}

/**
 * Reads a JSON text (RFC 8259), more strictly than `JSON.parse`: an object that names a member twice, nesting deeper
 * than 100 levels, and a number that JavaScript would read as another one (`9007199254740993`, `1e400`: code
 * `number_not_exact`) are refused as well. The problem says line and column.
 */
export function readJson(file: string, text: string, { rounded = none }: ReadJsonOptions = {}): ReadJson {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const fault = new Scanner(content, rounded).scan();
  if (fault === undefined) return { ok: true, value: JSON.parse(content) as Json };
  const { code, pointer, at, message } = fault;
  return {
    ok: false,
    problem: { code, file, pointer, message: `${message} (${lineAndColumn(content, at)}).` },
  };
}

const none: ReadonlySet<string> = new Set();

/**
 * Keywords in which schemas of others carry the limits of 64 bits. Rounded, they still say what they said of every
 * number that JSON can carry to JavaScript.
 */
export const roundedKeywords: ReadonlySet<string> = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "default",
  "example",
]);

interface Fault {
  readonly code: "invalid_json" | "duplicate_member" | "number_not_exact" | "too_deep";
  readonly pointer: string;
  /** Index into the text. */
  readonly at: number;
  readonly message: string;
}

interface Frame {
  /** Names seen so far; a list has none. */
  readonly names?: Set<string>;
  /** Where in it the scanner is: the name of a member, or the index of an item. */
  step: string | number;
}

const word = /true|false|null/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Everything from the space on, but quotation mark and backslash. */
const plainText = /[ !#-[\]-\u{10FFFF}]+/uy;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const space = /[ \t\n\r]+/y;

/** So much of a number is shown. */
const maxShown = 40;

/** Goes over a text once, without recursion, and stops at the first fault. */
class Scanner {
  readonly #text: string;
  readonly #rounded: ReadonlySet<string>;
  readonly #stack: Frame[] = [];
  #at = 0;

  constructor(text: string, rounded: ReadonlySet<string>) {
    this.#text = text;
    this.#rounded = rounded;
  }

  scan(): Fault | undefined {
    let fault = this.#value();
    while (fault === undefined && this.#stack.length > 0) fault = this.#next();
    if (fault !== undefined) return fault;
    this.#skip(space);
    return this.#at === this.#text.length ? undefined : this.#syntax("the end");
  }

  /** A value, or the opening of one; what is open is on the stack. */
  #value(): Fault | undefined {
    this.#skip(space);
    const opening = this.#text[this.#at];
    if (opening === '"') return this.#string() === undefined ? this.#syntax("a string") : undefined;
    if (opening !== "{" && opening !== "[") return this.#skip(word) ? undefined : this.#number();
    if (this.#stack.length === maxDepth)
      return this.#fault("too_deep", `Nested deeper than ${maxDepth} levels`);
    this.#at++;
    this.#stack.push(opening === "{" ? { names: new Set(), step: "" } : { step: -1 });
    this.#skip(space);
    if (this.#take(opening === "{" ? "}" : "]")) return this.#close();
    return this.#element();
  }

  /** What follows a value inside an object or a list: a comma and more, or the end. */
  #next(): Fault | undefined {
    const isObject = this.#stack.at(-1)?.names !== undefined;
    this.#skip(space);
    if (this.#take(isObject ? "}" : "]")) return this.#close();
    return this.#take(",") ? this.#element() : this.#syntax(isObject ? '"," or "}"' : '"," or "]"');
  }

  #element(): Fault | undefined {
    const frame = this.#stack.at(-1);
    if (frame?.names === undefined) {
      if (frame !== undefined) frame.step = Number(frame.step) + 1;
      return this.#value();
    }
    this.#skip(space);
    const start = this.#at;
    const name = this.#text[start] === '"' ? this.#string() : undefined;
    if (name === undefined) return this.#syntax("the name of a member");
    frame.step = name;
    if (frame.names.has(name)) {
      this.#at = start;
      return this.#fault("duplicate_member", `The object has ${JSON.stringify(name)} twice`);
    }
    frame.names.add(name);
    this.#skip(space);
    return this.#take(":") ? this.#value() : this.#syntax('":"');
  }

  #close(): undefined {
    this.#stack.pop();
  }

  #number(): Fault | undefined {
    const start = this.#at;
    if (!this.#skip(number)) return this.#syntax("a value");
    const token = this.#text.slice(start, this.#at);
    const becomes = roundingOf(token);
    const step = this.#stack.at(-1)?.step;
    const isFine = typeof step === "string" && this.#rounded.has(step) && becomes !== "Infinity";
    if (becomes === undefined || isFine) return undefined;
    this.#at = start;
    const shown = token.length > maxShown ? `${token.slice(0, maxShown)}…` : token;
    return this.#fault(
      "number_not_exact",
      `Expected a number that is read as it is written, found ${shown}, which would be read as ${becomes}; a number this long is better a string`,
    );
  }

  #string(): string | undefined {
    const start = this.#at++;
    while (this.#skip(plainText) || this.#skip(escape));
    return this.#take('"') ? (JSON.parse(this.#text.slice(start, this.#at)) as string) : undefined;
  }

  #skip(token: RegExp): boolean {
    token.lastIndex = this.#at;
    const found = token.test(this.#text);
    if (found) this.#at = token.lastIndex;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #syntax(expected: string): Fault {
    const found = this.#text.codePointAt(this.#at);
    const received =
      found === undefined ? "the end of the file" : JSON.stringify(String.fromCodePoint(found));
    return this.#fault("invalid_json", `The file is not JSON: expected ${expected}, found ${received}`);
  }

  #fault(code: Fault["code"], message: string): Fault {
    const inside = code === "invalid_json" ? [] : this.#stack;
    const pointer = inside.reduce((parent, { step }) => pointerTo(parent, step), "");
    return { code, pointer: code === "too_deep" ? "" : pointer, at: this.#at, message };
  }
}

function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return `line ${line}, column ${at - before.lastIndexOf("\n")}`;
}
