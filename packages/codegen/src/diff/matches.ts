import { compilePattern, type CompiledPattern } from "../pattern/pattern.ts";

const compiled = new Map<string, CompiledPattern | undefined>();

/** Whether a text matches a pattern. What cannot be matched safely, and so is in no contract, matches nothing. */
export function matches(pattern: string, text: string): boolean {
  return known(pattern)?.test(text) ?? false;
}

/** Whether a pattern can be matched at all. */
export function isMatchable(pattern: string): boolean {
  return known(pattern) !== undefined;
}

function known(pattern: string): CompiledPattern | undefined {
  if (!compiled.has(pattern)) compiled.set(pattern, compile(pattern));
  return compiled.get(pattern);
}

function compile(pattern: string): CompiledPattern | undefined {
  try {
    return compilePattern(pattern);
  } catch {
    return undefined;
  }
}
