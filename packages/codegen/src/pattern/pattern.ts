import { createLinearPattern, type LinearPattern } from "../runtime/linear-pattern.ts";
import type { Automaton } from "./automaton.ts";
import { determinise } from "./determinise.ts";
import { graphOf } from "./graph.ts";
import { isLinear } from "./linear.ts";
import { parsePattern, PatternFault } from "./parse.ts";

/** More states than this would make a validator of many kilobytes. */
const maxStates = 1_000;

/** How a pattern is matched in linear time: as it stands, or by an automaton written as text. */
export type PatternPlan =
  | { readonly kind: "native"; readonly source: string }
  | { readonly kind: "automaton"; readonly source: string; readonly table: string };

const plans = new Map<string, PatternPlan>();

/**
 * Finds how to match a `pattern` so that no text takes more than linear time. Throws `PatternFault` when it is no
 * regular expression, has look-around or back-references, or would need too large an automaton.
 */
export function planPattern(source: string): PatternPlan {
  const plan = plans.get(source) ?? makePlan(source);
  plans.set(source, plan);
  return plan;
}

function makePlan(source: string): PatternPlan {
  const node = parsePattern(source);
  const graph = graphOf(node);
  if (isLinear(node, graph)) return { kind: "native", source };
  return { kind: "automaton", source, table: encode(determinise(graph, { maxStates })) };
}

/** A pattern that is told apart from others by its text, for ajv keeps one of each. */
export interface CompiledPattern extends LinearPattern {
  toString(): string;
}

/** Compiles a `pattern` as generated validators do. Throws `PatternFault`. */
export function compilePattern(source: string): CompiledPattern {
  const plan = planPattern(source);
  const { test } = plan.kind === "native" ? nativePattern(source) : createLinearPattern(plan.table);
  return { test, toString: () => source };
}

function nativePattern(source: string): LinearPattern {
  const expression = new RegExp(source, "u");
  return { test: (text) => expression.test(text) };
}

/** Why a pattern is refused; `undefined` when it can be matched in linear time. */
export function patternFaultOf(source: string): PatternFault | undefined {
  try {
    planPattern(source);
    return undefined;
  } catch (error) {
    if (error instanceof PatternFault) return error;
    throw error;
  }
}

/** Writes an automaton as `createLinearPattern` reads it: numbers in base 36. */
function encode({ alphabet, start, rows, ends }: Automaton): string {
  const lengths = alphabet.starts.map((value, index) => value - (alphabet.starts[index - 1] ?? 0));
  return [
    list(lengths),
    list(alphabet.classes),
    start.toString(36),
    list(ends.map(Number)),
    list(rows.flat()),
  ].join(";");
}

function list(numbers: readonly number[]): string {
  return numbers.map((value) => value.toString(36)).join();
}
