import type { CodePoints } from "./code-points.ts";
import type { Graph } from "./graph.ts";
import type { PatternNode } from "./parse.ts";

/** An unanchored search tries anew at each character, so what it tries has to be short. */
const maxSearched = 64;
/** What takes longer to analyse is not looked at further. */
const maxWork = 2_000_000;

/**
 * Whether a backtracking engine takes linear time for the pattern on every text. It does when there is never a choice:
 * at each place at most one part can read the next character, and there is one way to it; then whatever it goes back
 * to fails at once. And a search must not try long matches anew at each place.
 */
export function isLinear(node: PatternNode, graph: Graph): boolean {
  return !looksInside(graph) && (isAnchored(graph) || longest(node) <= maxSearched) && isUnambiguous(graph);
}

/** V8 finds a `\B` between the halves of a character that has two; the standard and other engines do not. */
function looksInside(graph: Graph): boolean {
  return graph.jumps.some((jumps) => jumps.some(({ assertion }) => assertion === "inside"));
}

/** Whether every way into the pattern passes a `^`. */
function isAnchored(graph: Graph): boolean {
  const seen = new Set([graph.start]);
  for (const state of seen) {
    if (state === graph.end || graph.reads[state] !== undefined) return false;
    for (const { to, assertion } of graph.jumps[state] ?? []) if (assertion !== "start") seen.add(to);
  }
  return true;
}

function isUnambiguous(graph: Graph): boolean {
  let work = 0;
  const entries = new Set([
    graph.start,
    ...graph.reads.flatMap((read) => (read === undefined ? [] : [read.to])),
  ]);
  for (const entry of entries) {
    const seen = new Set([entry]);
    const sets: CodePoints[] = [];
    for (const state of seen) {
      const read = graph.reads[state];
      if (read !== undefined) sets.push(read.set);
      for (const { to } of graph.jumps[state] ?? []) {
        // Two ways to one place: both would be tried.
        if (seen.has(to)) return false;
        seen.add(to);
      }
    }
    work += seen.size + sets.length;
    if (work > maxWork || overlap(sets)) return false;
  }
  return true;
}

function overlap(sets: readonly CodePoints[]): boolean {
  if (sets.length < 2) return false;
  const sorted = sets.flat().toSorted((a, b) => a[0] - b[0]);
  return sorted.some(([from], index) => index > 0 && from <= (sorted[index - 1]?.[1] ?? -1));
}

/** How many characters a match has at most. */
function longest(node: PatternNode): number {
  switch (node.kind) {
    case "set":
      return 1;
    case "sequence":
      return node.parts.reduce((sum, part) => sum + longest(part), 0);
    case "choice":
      return Math.max(...node.parts.map(longest));
    case "repeat": {
      const once = longest(node.part);
      return once === 0 ? 0 : once * node.max;
    }
    case "start":
    case "end":
    case "boundary":
    case "inside":
      return 0;
  }
}
