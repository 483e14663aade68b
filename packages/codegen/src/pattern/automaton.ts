import type { Alphabet } from "./alphabet.ts";

/** State in which the text cannot match any more. */
export const refused = 0;
/** State in which the text matches, whatever follows. */
export const accepted = 1;

/** A deterministic automaton: one look at each character tells whether a pattern matches somewhere in a text. */
export interface Automaton {
  readonly alphabet: Alphabet;
  readonly start: number;
  /** Next state by state and class. */
  readonly rows: readonly (readonly number[])[];
  /** Whether a text that ends in the state matches. */
  readonly ends: readonly boolean[];
}

export interface AutomatonLimits {
  readonly maxStates: number;
}
