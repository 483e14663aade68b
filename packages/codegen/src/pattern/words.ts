import { accepted, automatonOf, refused, type Automaton } from "./automaton.ts";
import { graphOf } from "./graph.ts";
import { parsePattern, PatternFault } from "./parse.ts";
import { compilePattern } from "./pattern.ts";
import { productOf } from "./product.ts";

/** The texts that match a pattern. Lengths are in characters; where there is no such text, `undefined`. */
export interface Words {
  readonly has: (text: string) => boolean;
  /** Whether there is no such text at all. */
  readonly isEmpty: boolean;
  /** Texts that together show what the pattern can be: each step of its automaton is in one of them. */
  readonly edges: readonly string[];
  readonly ofLength: (length: number) => string | undefined;
  readonly between: (low: number, high: number, size: "least" | "most") => string | undefined;
  /** A text of a length that is possible and near the first; `dice` gives numbers in [0, 1). */
  readonly random: (dice: () => number, lengths: Lengths) => string | undefined;
}

interface Lengths {
  readonly low: number;
  readonly high: number;
}

/** Only for making texts, so it may be larger than one that is shipped. */
const maxStates = 6_000;
const maxEdges = 20;
const maxLength = 5_000;

const known = new Map<string, Words>();

/** Throws `PatternFault` for a pattern that cannot be matched in linear time. */
export function wordsOf(pattern: string): Words {
  const found = known.get(pattern) ?? createWords(compilePattern(pattern).test, automatonFor(pattern));
  known.set(pattern, found);
  return found;
}

export interface Patterns {
  /** Patterns that a text has to match, and patterns that it must not match. */
  readonly all: readonly string[];
  readonly none: readonly string[];
}

const combined = new Map<string, Words | undefined>();
const maxCombined = 1_000;

/** The texts that match all of some patterns and none of others; `undefined` when that takes too much to know. */
export function wordsWhere(patterns: Patterns): Words | undefined {
  const key = JSON.stringify([patterns.all, patterns.none]);
  if (combined.has(key)) return combined.get(key);
  if (combined.size >= maxCombined) combined.clear();
  const found = combine(patterns);
  combined.set(key, found);
  return found;
}

function combine({ all, none }: Patterns): Words | undefined {
  try {
    const [wanted, unwanted] = [all, none].map((list) => list.map((one) => wordsOf(one).has));
    const product = productOf({ all: all.map(automatonFor), none: none.map(automatonFor) }, { maxStates });
    const has = (text: string) =>
      wanted?.every((one) => one(text)) === true && unwanted?.some((one) => one(text)) === false;
    return createWords(has, product);
  } catch (error) {
    if (error instanceof PatternFault) return undefined;
    throw error;
  }
}

function automatonFor(pattern: string): Automaton {
  const found = automata.get(pattern) ?? automatonOf(graphOf(parsePattern(pattern)), { maxStates });
  automata.set(pattern, found);
  return found;
}

const automata = new Map<string, Automaton>();

function createWords(has: Words["has"], automaton: Automaton): Words {
  const writer = new Writer(automaton);
  const ofLength = (length: number) => writer.write(length, () => 0);
  const lengthsIn = (low: number, high: number) => {
    const top = Math.min(high, maxLength, low + 400);
    return Array.from({ length: Math.max(0, top - low + 1) }, (_, index) => low + index).filter((length) =>
      writer.can(length),
    );
  };
  return {
    has,
    isEmpty: !writer.isPossible,
    edges: writer.edges(maxEdges).filter(has),
    ofLength,
    between: (low, high, size) => {
      const length = lengthsIn(low, high).at(size === "least" ? 0 : -1);
      return length === undefined ? undefined : ofLength(length);
    },
    random: (dice, { low, high }) => {
      const lengths = lengthsIn(low, high);
      const length = lengths[Math.floor(dice() * Math.min(lengths.length, 30))];
      return length === undefined ? undefined : writer.write(length, dice);
    },
  };
}

/** Writes texts by walking an automaton along states from which an accepted end can be reached in time. */
class Writer {
  readonly #automaton: Automaton;
  /** Some characters of each column, the plainest first. */
  readonly #characters: readonly (readonly string[])[];
  /** By number of characters left: from which states a text can end well. */
  readonly #good: Uint8Array[];

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    this.#characters = charactersOf(automaton);
    this.#good = [Uint8Array.from(automaton.ends, Number)];
  }

  get isPossible(): boolean {
    const { start, rows, ends } = this.#automaton;
    const leads = (row: readonly number[], state: number) => ends[state] === true || row.includes(accepted);
    return start === accepted || rows.some((row, state) => state > accepted && leads(row, state));
  }

  can(length: number): boolean {
    return this.#goodIn(length)?.[this.#automaton.start] === 1;
  }

  write(length: number, dice: () => number): string | undefined {
    if (!this.can(length)) return undefined;
    let state = this.#automaton.start;
    let text = "";
    for (let left = length - 1; left >= 0; left--) {
      const good = this.#goodIn(left);
      const row = this.#automaton.rows[state] ?? [];
      const choices = this.#order.filter((column) => good?.[row[column] ?? refused] === 1);
      const column = choices[Math.floor(dice() * choices.length)] ?? 0;
      const characters = this.#characters[column] ?? [];
      text += characters[Math.floor(dice() * characters.length)] ?? "";
      state = row[column] ?? refused;
    }
    return text;
  }

  /** A shortest text through each step of the automaton. */
  edges(count: number): readonly string[] {
    const before = this.#shortestTo();
    const texts = new Set<string>();
    for (const [state, prefix] of before)
      for (const column of this.#order) {
        const target = this.#automaton.rows[state]?.[column] ?? refused;
        const rest = target === refused ? undefined : this.#shortestFrom(target);
        if (rest !== undefined) texts.add(prefix + this.#plainest(column) + rest);
        if (texts.size >= count) return [...texts];
      }
    if (this.can(0)) texts.add("");
    return [...texts];
  }

  get #order(): readonly number[] {
    return preferred(this.#characters);
  }

  #plainest(column: number): string {
    return this.#characters[column]?.[0] ?? "";
  }

  #shortestTo(): ReadonlyMap<number, string> {
    const found = new Map([[this.#automaton.start, ""]]);
    for (const [state, text] of found) {
      if (state === accepted || found.size > maxEdges) continue;
      for (const column of this.#order) {
        const target = this.#automaton.rows[state]?.[column] ?? refused;
        if (target !== refused && !found.has(target)) found.set(target, text + this.#plainest(column));
      }
    }
    return found;
  }

  #shortestFrom(start: number): string | undefined {
    const found = new Map([[start, ""]]);
    for (const [state, text] of found) {
      if (this.#automaton.ends[state] === true) return text;
      for (const column of this.#order) {
        const target = this.#automaton.rows[state]?.[column] ?? refused;
        if (target !== refused && !found.has(target)) found.set(target, text + this.#plainest(column));
      }
    }
    return undefined;
  }

  #goodIn(left: number): Uint8Array | undefined {
    if (left < 0 || left > maxLength) return undefined;
    while (this.#good.length <= left) {
      const last = this.#good.at(-1);
      this.#good.push(
        Uint8Array.from(this.#automaton.rows, (row) => (row.some((target) => last?.[target] === 1) ? 1 : 0)),
      );
    }
    return this.#good[left];
  }
}

const orders = new WeakMap<readonly (readonly string[])[], readonly number[]>();

/** Columns, those with the plainest characters first. */
function preferred(characters: readonly (readonly string[])[]): readonly number[] {
  const found =
    orders.get(characters) ??
    characters
      .map((_, column) => column)
      .toSorted((a, b) => plainness(characters[a]?.[0]) - plainness(characters[b]?.[0]));
  orders.set(characters, found);
  return found;
}

const shapes = [
  /^[a-z]$/,
  /^[0-9]$/,
  /^[A-Z]$/,
  /^[!-~]$/,
  /^[ -~]$/,
  /^[\p{L}\p{N}]$/u,
  /^\P{C}$/u,
  /^\P{Cs}$/u,
];

function plainness(character = ""): number {
  const shape = shapes.findIndex((one) => one.test(character));
  return shape < 0 ? shapes.length : shape;
}

/** Characters of each class, the plainest first; a few of the many a class may have. */
function charactersOf({ alphabet }: Automaton): readonly (readonly string[])[] {
  const { starts, classes, members } = alphabet;
  const found = members.map((codePoint) => new Set([String.fromCodePoint(codePoint)]));
  starts.forEach((start, index) => {
    const end = (starts[index + 1] ?? 0x110000) - 1;
    const column = found[classes[index] ?? 0];
    column?.add(String.fromCodePoint(start));
    for (const character of plain) {
      const codePoint = character.codePointAt(0) ?? 0;
      if (start <= codePoint && codePoint <= end) column?.add(character);
    }
  });
  return found.map((characters) =>
    [...characters].toSorted((a, b) => plainness(a) - plainness(b)).slice(0, 64),
  );
}

const plain = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/+ äßé漢😀";
