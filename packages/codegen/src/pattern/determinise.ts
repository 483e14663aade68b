import { alphabetOf, isWord, type Alphabet } from "./alphabet.ts";
import { accepted, refused, type Automaton, type AutomatonLimits } from "./automaton.ts";
import { has, wordCharacters, type CodePoints } from "./code-points.ts";
import type { Graph, Jump } from "./graph.ts";
import { minimise } from "./minimise.ts";
import { PatternFault } from "./parse.ts";

/** So many steps of the construction at most: many states may each stand for many places in the pattern. */
const maxWork = 20_000_000;

/**
 * The smallest automaton that matches what a graph matches. Throws `PatternFault` when it would have more than
 * `maxStates` states on the way.
 */
export function determinise(graph: Graph, { maxStates }: AutomatonLimits): Automaton {
  return minimise(new Construction(graph, maxStates).run());
}

type Before = "start" | "word" | "other";
type After = "end" | "word" | "other";

/** Where a text could be in the graph, and what it has just read. */
interface Position {
  readonly states: readonly number[];
  readonly before: Before;
}

class Construction {
  readonly #graph: Graph;
  readonly #maxStates: number;
  readonly #looksAround: boolean;
  readonly #alphabet: Alphabet;
  readonly #members: ReadonlyMap<CodePoints, readonly boolean[]>;
  readonly #ids = new Map<string, number>();
  readonly #positions: Position[] = [];
  #work = 0;

  constructor(graph: Graph, maxStates: number) {
    this.#graph = graph;
    this.#maxStates = maxStates;
    const assertions = new Set(graph.jumps.flat().map(({ assertion }) => assertion));
    this.#looksAround = assertions.has("boundary") || assertions.has("inside");
    const sets = [...new Set(graph.reads.flatMap((read) => (read === undefined ? [] : [read.set])))];
    const distinct = [...new Map(sets.map((set) => [JSON.stringify(set), set])).values()];
    this.#alphabet = alphabetOf(this.#looksAround ? [...distinct, wordCharacters] : distinct);
    this.#members = new Map(
      sets.map((set) => [set, this.#alphabet.members.map((codePoint) => has(set, codePoint))]),
    );
  }

  run(): Automaton {
    const start = this.#idOf({ states: [], before: "start" });
    const rows: number[][] = [[], []];
    const ends = [false, true];
    for (let index = 0; index < this.#positions.length; index++) {
      const position = this.#positions[index];
      if (position === undefined) break;
      ends.push(this.#reach(position, "end") === "accepted");
      rows.push(this.#rowOf(position));
    }
    for (const state of [refused, accepted]) rows[state] = this.#alphabet.members.map(() => state);
    return { alphabet: this.#alphabet, start, rows, ends };
  }

  #rowOf(position: Position): number[] {
    const reached = new Map<After, readonly number[] | "accepted">();
    return this.#alphabet.members.map((codePoint, index) => {
      const after = this.#looksAround && isWord(codePoint) ? "word" : "other";
      const states = reached.get(after) ?? this.#reach(position, after);
      reached.set(after, states);
      if (states === "accepted") return accepted;
      return this.#idOf({ states: this.#read(states, index), before: after });
    });
  }

  #read(states: readonly number[], index: number): readonly number[] {
    const next = new Set<number>();
    for (const state of states) {
      const read = this.#graph.reads[state];
      if (read !== undefined && this.#members.get(read.set)?.[index] === true) next.add(read.to);
    }
    this.#spend(states.length);
    return [...next].toSorted((a, b) => a - b);
  }

  /** The states that read, after all jumps; a match may begin anywhere, so the start is always among them. */
  #reach({ states, before }: Position, after: After): readonly number[] | "accepted" {
    const seen = new Set([this.#graph.start, ...states]);
    for (const state of seen) {
      for (const jump of this.#graph.jumps[state] ?? []) if (allows(jump, before, after)) seen.add(jump.to);
    }
    this.#spend(seen.size);
    if (seen.has(this.#graph.end)) return "accepted";
    return [...seen].filter((state) => this.#graph.reads[state] !== undefined);
  }

  #idOf(position: Position): number {
    const key = `${position.before} ${position.states.join()}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#positions.length >= this.#maxStates) throw tooComplex();
    const id = this.#positions.push(position) + accepted;
    this.#ids.set(key, id);
    return id;
  }

  #spend(steps: number): void {
    this.#work += steps;
    if (this.#work > maxWork) throw tooComplex();
  }
}

function allows({ assertion }: Jump, before: Before, after: After): boolean {
  if (assertion === undefined) return true;
  switch (assertion) {
    case "start":
      return before === "start";
    case "end":
      return after === "end";
    case "boundary":
      return (before === "word") !== (after === "word");
    case "inside":
      return (before === "word") === (after === "word");
  }
}

function tooComplex(): PatternFault {
  return new PatternFault(
    "pattern_too_complex",
    "Matching it in linear time needs too large an automaton: repeat less, or anchor it and choose by one character.",
  );
}
