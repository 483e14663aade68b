import { RegExpParser, type AST } from "@eslint-community/regexpp";
import { complement, scan, union, wordCharacters, type CodePoints } from "./code-points.ts";

/** A pattern taken apart; groups are gone, for nobody asks what they matched. */
export type PatternNode =
  | { readonly kind: "set"; readonly set: CodePoints }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "repeat"; readonly part: PatternNode; readonly min: number; readonly max: number }
  | { readonly kind: "start" | "end" | "boundary" | "inside" };

/** Why a pattern is refused. */
export class PatternFault extends Error {
  readonly code: "invalid_pattern" | "unsupported_pattern" | "pattern_too_complex";

  constructor(code: PatternFault["code"], message: string) {
    super(message);
    this.name = "PatternFault";
    this.code = code;
  }
}

const parser = new RegExpParser({ ecmaVersion: 2024 });
/** A pattern of nested groups could be deeper than the stack. */
const maxSource = 10_000;

/**
 * Reads a pattern as JSON Schema does: ECMAScript's syntax with the flag `u`. Throws `PatternFault` when it is none,
 * or when no automaton can match it: look-around and back-references.
 */
export function parsePattern(source: string): PatternNode {
  if (source.length > maxSource)
    throw new PatternFault("pattern_too_complex", `A pattern has at most ${maxSource} characters.`);
  return fromAlternatives(parsed(source).alternatives);
}

function parsed(source: string): AST.Pattern {
  try {
    return parser.parsePattern(source, 0, source.length, { unicode: true });
  } catch {
    throw new PatternFault("invalid_pattern", "Not a regular expression.");
  }
}

function fromAlternatives(alternatives: readonly AST.Alternative[]): PatternNode {
  const parts = alternatives.map(({ elements }) => sequence(elements.map(fromElement)));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "choice", parts };
}

function sequence(parts: readonly PatternNode[]): PatternNode {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "sequence", parts };
}

function fromElement(element: AST.Element): PatternNode {
  switch (element.type) {
    case "Assertion":
      return fromAssertion(element);
    case "Group":
      if (element.modifiers !== null) throw unsupported("Modifiers such as (?i:");
      return fromAlternatives(element.alternatives);
    case "CapturingGroup":
      return fromAlternatives(element.alternatives);
    case "Quantifier":
      return { kind: "repeat", part: fromElement(element.element), min: element.min, max: element.max };
    case "Backreference":
      throw unsupported("Look-around and back-references");
    case "Character":
    case "CharacterSet":
    case "CharacterClass":
      return { kind: "set", set: fromClass(element) };
    case "ExpressionCharacterClass":
      throw unsupported("Set operations in classes");
  }
}

function fromAssertion(assertion: AST.Assertion): PatternNode {
  switch (assertion.kind) {
    case "start":
    case "end":
      return { kind: assertion.kind };
    case "word":
      return { kind: assertion.negate ? "inside" : "boundary" };
    case "lookahead":
    case "lookbehind":
      throw unsupported("Look-around and back-references");
  }
}

function fromClass(
  element: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.CharacterClassElement,
): CodePoints {
  switch (element.type) {
    case "Character":
      return [[element.value, element.value]];
    case "CharacterClassRange":
      return [[element.min.value, element.max.value]];
    case "CharacterSet":
      return fromEscape(element);
    case "CharacterClass": {
      const set = union(...element.elements.map(fromClass));
      return element.negate ? complement(set) : set;
    }
    case "ClassStringDisjunction":
    case "ExpressionCharacterClass":
      throw unsupported("Set operations in classes");
  }
}

const digits: CodePoints = [[0x30, 0x39]];
const lineEnds: CodePoints = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

function fromEscape(element: AST.CharacterSet): CodePoints {
  switch (element.kind) {
    case "any":
      return complement(lineEnds);
    case "digit":
      return element.negate ? complement(digits) : digits;
    case "word":
      return element.negate ? complement(wordCharacters) : wordCharacters;
    case "space":
    case "property":
      return scan(element.raw);
  }
}

function unsupported(what: string): PatternFault {
  return new PatternFault("unsupported_pattern", `${what} are not allowed.`);
}
