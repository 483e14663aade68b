import type { Alphabet } from "./alphabet.ts";
import { accepted, refused, type Automaton, type AutomatonLimits } from "./automaton.ts";
import { PatternFault } from "./parse.ts";

export interface Automata {
  /** Each has to accept a text. */
  readonly all: readonly Automaton[];
  /** None may accept it. */
  readonly none: readonly Automaton[];
}

/**
 * One automaton that accepts what all of some accept and none of others. Only states that can be reached are made.
 * Throws `PatternFault` when there are more than `maxStates`.
 */
export function productOf({ all, none }: Automata, { maxStates }: AutomatonLimits): Automaton {
  const parts = [...all, ...none];
  const { alphabet, columns } = jointAlphabet(parts);
  const ids = new Map<string, number>();
  const tuples: (readonly number[])[] = [];
  const idOf = (states: readonly number[]): number => {
    const isOver = states.some((state, index) => state === (index < all.length ? refused : accepted));
    if (isOver) return refused;
    const isSure = states.every((state, index) => state === (index < all.length ? accepted : refused));
    if (isSure) return accepted;
    const key = states.join();
    const id = ids.get(key) ?? tuples.push(states) + accepted;
    ids.set(key, id);
    if (tuples.length > maxStates) throw new PatternFault("pattern_too_complex", "Too many states together.");
    return id;
  };
  const start = idOf(parts.map((part) => part.start));
  const rows = [refused, accepted].map((state) => columns.map(() => state));
  const ends = [false, true];
  for (const states of tuples) {
    const isEnd = (state: number, index: number) => parts[index]?.ends[state] === index < all.length;
    ends.push(states.every(isEnd));
    rows.push(
      columns.map((classes) =>
        idOf(states.map((state, index) => parts[index]?.rows[state]?.[classes[index] ?? 0] ?? refused)),
      ),
    );
  }
  return { alphabet, start, rows, ends };
}

/** The coarsest alphabet that tells apart what any of the automata does, and the class of each in each of its columns. */
function jointAlphabet(parts: readonly Automaton[]): {
  readonly alphabet: Alphabet;
  readonly columns: readonly (readonly number[])[];
} {
  const starts = [...new Set([0, ...parts.flatMap(({ alphabet }) => alphabet.starts)])].toSorted(
    (a, b) => a - b,
  );
  const ids = new Map<string, number>();
  const columns: (readonly number[])[] = [];
  const members: number[] = [];
  const at = parts.map(() => 0);
  const classes = starts.map((start) => {
    const own = parts.map(({ alphabet }, index) => {
      while ((alphabet.starts[(at[index] ?? 0) + 1] ?? Number.POSITIVE_INFINITY) <= start)
        at[index] = (at[index] ?? 0) + 1;
      return alphabet.classes[at[index] ?? 0] ?? 0;
    });
    const key = own.join();
    const id = ids.get(key) ?? columns.push(own) - 1;
    if (!ids.has(key)) members.push(start);
    ids.set(key, id);
    return id;
  });
  return { alphabet: { starts, classes, members }, columns };
}
