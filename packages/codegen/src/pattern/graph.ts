import type { CodePoints } from "./code-points.ts";
import { PatternFault, type PatternNode } from "./parse.ts";

/** A step that reads nothing; an assertion asks what stands before and after. */
export interface Jump {
  readonly to: number;
  readonly assertion?: "start" | "end" | "boundary" | "inside";
}

/** A pattern as a graph: each state jumps or reads one character. */
export interface Graph {
  readonly start: number;
  readonly end: number;
  readonly jumps: readonly (readonly Jump[])[];
  readonly reads: readonly ({ readonly set: CodePoints; readonly to: number } | undefined)[];
}

/** A counted repetition is written out, so a pattern can be far bigger than it looks. */
const maxGraphStates = 20_000;

/** Throws `PatternFault` when the pattern has more than `maxGraphStates` states. */
export function graphOf(node: PatternNode): Graph {
  const building = new Building();
  const start = building.state();
  const end = building.add(node, start);
  return { start, end, jumps: building.jumps, reads: building.reads };
}

class Building {
  readonly jumps: Jump[][] = [];
  readonly reads: ({ readonly set: CodePoints; readonly to: number } | undefined)[] = [];

  state(): number {
    if (this.jumps.length >= maxGraphStates)
      throw new PatternFault(
        "pattern_too_complex",
        "The pattern repeats too much: written out it has too many parts.",
      );
    this.reads.push(undefined);
    return this.jumps.push([]) - 1;
  }

  /** Adds what leads from a state through a node; gives the state behind it. */
  add(node: PatternNode, from: number): number {
    switch (node.kind) {
      case "set": {
        const to = this.state();
        const reader = this.state();
        this.#jump(from, reader);
        this.reads[reader] = { set: node.set, to };
        return to;
      }
      case "sequence":
        return node.parts.reduce((state, part) => this.add(part, state), from);
      case "choice": {
        const to = this.state();
        for (const part of node.parts) this.#jump(this.add(part, this.#after(from)), to);
        return to;
      }
      case "repeat":
        return this.#repeat(node, from);
      case "start":
      case "end":
      case "boundary":
      case "inside": {
        const to = this.state();
        this.jumps[from]?.push({ to, assertion: node.kind });
        return to;
      }
    }
  }

  #repeat({ part, min, max }: PatternNode & { readonly kind: "repeat" }, from: number): number {
    let state = from;
    for (let count = 0; count < min; count++) {
      const before = state;
      state = this.add(part, before);
      // A part of nothing can be repeated for ever.
      if (state === before) break;
    }
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.#after(state);
      this.#jump(this.add(part, this.#after(loop)), loop);
      return this.#after(loop);
    }
    const end = this.state();
    for (let count = min; count < max; count++) {
      this.#jump(state, end);
      state = this.add(part, this.#after(state));
    }
    this.#jump(state, end);
    return end;
  }

  #after(from: number): number {
    const to = this.state();
    this.#jump(from, to);
    return to;
  }

  #jump(from: number, to: number): void {
    this.jumps[from]?.push({ to });
  }
}
