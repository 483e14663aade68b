import type { Automaton } from "./automaton.ts";
import { determinise } from "./determinise.ts";
import { graphOf } from "./graph.ts";
import { parsePattern, PatternFault } from "./parse.ts";
import { compilePattern } from "./pattern.ts";
import { productOf } from "./product.ts";
import { maxLength, WordWriter } from "./word-writer.ts";

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
  const found = automata.get(pattern) ?? determinise(graphOf(parsePattern(pattern)), { maxStates });
  automata.set(pattern, found);
  return found;
}

const automata = new Map<string, Automaton>();

function createWords(has: Words["has"], automaton: Automaton): Words {
  const writer = new WordWriter(automaton);
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
