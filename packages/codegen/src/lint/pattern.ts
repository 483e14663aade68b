import { patternFaultOf } from "../pattern/pattern.ts";

/** Says why a pattern is refused: it must be one, and an automaton must be able to match it in linear time. */
export function patternFault(pattern: string): string | undefined {
  return patternFaultOf(pattern)?.message;
}
