import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { createLinearPattern } from "../runtime/linear-pattern.ts";
import { graphOf, type Graph } from "./graph.ts";
import { parsePattern } from "./parse.ts";
import { compilePattern, patternFaultOf, planPattern } from "./pattern.ts";

const atoms = [
  "a",
  "b",
  "c",
  "ab",
  ".",
  "[ab]",
  "[^a]",
  "[a-c0]",
  "\\d",
  "\\w",
  "\\W",
  "😀",
  "^",
  "$",
  "\\b",
  "\\B",
  "",
];
const { source } = fc.letrec<{ source: string }>((tie) => ({
  source: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(...atoms),
    fc.array(tie("source"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("")),
    fc.array(tie("source"), { minLength: 2, maxLength: 3 }).map((parts) => `(?:${parts.join("|")})`),
    fc
      .tuple(tie("source"), fc.constantFrom("*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "*?"))
      .map(([part, times]) => `(${part})${times}`),
  ),
}));
const text = fc
  .array(fc.constantFrom("a", "b", "c", "0", "-", "😀", "\ud83d", "\n"), { maxLength: 12 })
  .map((all) => all.join(""));
const texts = fc.array(text, { minLength: 8, maxLength: 8 });
const isPossible = (pattern: string) => patternFaultOf(pattern) === undefined;
const parameters = { seed: 7, numRuns: 1_000 };

describe("compilePattern", () => {
  it("matches what the native engine matches", () => {
    fc.assert(
      fc.property(source, texts, (pattern, given) => {
        fc.pre(isPossible(pattern));
        const native = new RegExp(pattern, "u");
        const compiled = compilePattern(pattern);
        // V8 finds a \B between the two halves of a character.
        const fair = pattern.includes("\\B") ? given.filter((one) => !one.includes("😀")) : given;
        for (const one of fair) expect([one, compiled.test(one)]).toEqual([one, native.test(one)]);
      }),
      parameters,
    );
  });

  it("matches what RE2 matches, however the pattern is compiled", () => {
    // RE2 reads texts without lone surrogates only, and its dot takes every line end but one.
    const plain = texts.map((all) => all.map((one) => one.replaceAll(/\ud83d(?!\ude00)/g, "-")));
    fc.assert(
      fc.property(source, plain, (pattern, given) => {
        fc.pre(isPossible(pattern));
        const other = RE2JS.compile(pattern);
        const compiled = compilePattern(pattern);
        for (const one of given) expect([one, compiled.test(one)]).toEqual([one, other.matcher(one).find()]);
      }),
      parameters,
    );
  });

  it.each([
    ["^inv_[A-Za-z0-9]{1,60}$", "native"],
    ["^[a-z]{2}(?:-[A-Z]{2})?$", "native"],
    ["^https?://", "native"],
    ["foo", "native"],
    ["^(?:[a-z]+\\.)+$", "native"],
    ["(a+)+$", "automaton"],
    ["^(a*)*$", "automaton"],
    ["^(?:a|ab)*$", "automaton"],
    ["[a-z]+@", "automaton"],
    ["\\s+$", "automaton"],
    ["^a\\B", "automaton"],
    ["^\\p{L}+\\p{Lu}$", "automaton"],
  ])("finds for %s the plan %s", (pattern, kind) => expect(planPattern(pattern).kind).toBe(kind));

  it.each([
    ["^\\p{Lu}\\p{Ll}*$", "Äh", true],
    ["^\\p{L}+\\p{Lu}$", "äÄ", true],
    ["^\\s\\S$", "\u3000x", true],
    ["^.$", "\u2028", false],
    ["^[^\\W_]$", "_", false],
    ["^\\u{1F600}$", "😀", true],
    ["^[\\d-]+$", "1-2", true],
    ["^\\cA\\0$", "\u0001\0", true],
  ])("reads %s as ECMAScript does", (pattern, one, verdict) =>
    expect(compilePattern(pattern).test(one)).toBe(verdict),
  );
});

/** Counts the looks at a text. */
class Watched {
  readonly #text: string;
  looks = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get length(): number {
    return this.#text.length;
  }

  codePointAt(index: number): number | undefined {
    this.looks++;
    return this.#text.codePointAt(index);
  }
}

const evil = [
  "(a+)+$",
  "(a|a)*$",
  "(.*a){20}",
  "^\\w*\\d*\\w*$",
  "(x+x+)+y",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "(a?){20}a{20}$",
];

describe("an evil pattern", () => {
  it.each(evil)("looks once at each character of 100 kB: %s", (pattern) => {
    const plan = planPattern(pattern);
    if (plan.kind !== "automaton") throw new Error("needs an automaton");
    const matcher = createLinearPattern(plan.table);
    for (const fill of ["a", "x", "ab", "1a", "A"]) {
      const watched = new Watched(`${fill.repeat(100_000 / fill.length)}!`);
      matcher.test(watched as unknown as string);
      expect(watched.looks).toBeLessThanOrEqual(100_001);
    }
  });

  it.each([
    "(?:a{0,1000000000}){0,1000000000}",
    "(?:){1000000000}a{99999}",
    "^(a|b)*a(a|b){40}$",
    "(.{0,300}x){0,300}",
  ])("is refused when it would need too much: %s", (pattern) =>
    expect(patternFaultOf(pattern)?.code).toBe("pattern_too_complex"),
  );

  it.each(["^(?=a)b", "(?<!a)b", "(a)\\1", "(?<n>a)\\k<n>"])(
    "is refused where no automaton can match it: %s",
    (pattern) => expect(patternFaultOf(pattern)?.code).toBe("unsupported_pattern"),
  );

  it("is refused with a sentence for its author", () => {
    const [lookAround, broken, large] = ["^(?=a)b", "a{2,1}", "^(a|b)*a(a|b){40}$"].map(patternFaultOf);
    expect(lookAround?.message).toBe("Look-around and back-references are not allowed.");
    expect(broken?.message).toBe("Not a regular expression.");
    expect(large?.message).toMatch(/linear time/);
  });

  it.each(["(", "[", "a{2,1}", "\\p{Nope}", "\\-"])("is refused when it is none: %s", (pattern) =>
    expect(patternFaultOf(pattern)?.code).toBe("invalid_pattern"),
  );
});

describe("a pattern left to the native engine", () => {
  it("lets a backtracking matcher make few steps for each character", () => {
    const hostile = fc
      .tuple(text, fc.integer({ min: 50, max: 200 }), text)
      .map(([start, count, end]) => start.repeat(count) + end);
    fc.assert(
      fc.property(source, hostile, (pattern, one) => {
        fc.pre(isPossible(pattern) && planPattern(pattern).kind === "native");
        const graph = graphOf(parsePattern(pattern));
        const size = graph.jumps.length;
        // A short search without an anchor is tried anew at each character.
        const allowed = 70 * size * (one.length + 2);
        expect(backtrack(graph, [...one], allowed)).toBeLessThanOrEqual(allowed);
      }),
      { seed: 7, numRuns: 1_000 },
    );
  });
});

/** How many steps a backtracking search takes; it gives up beyond a limit. */
function backtrack(graph: Graph, characters: readonly string[], limit: number): number {
  let steps = 0;
  for (let first = 0; first <= characters.length; first++) {
    const waiting = [{ state: graph.start, at: first }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { state, at } = next;
      if (++steps > limit || state === graph.end) return steps;
      const read = graph.reads[state];
      const codePoint = characters[at]?.codePointAt(0);
      if (read !== undefined && codePoint !== undefined)
        if (read.set.some(([from, to]) => from <= codePoint && codePoint <= to))
          waiting.push({ state: read.to, at: at + 1 });
      for (const { to, assertion } of graph.jumps[state] ?? []) {
        if (assertion === "start" && at > 0) continue;
        if (assertion === "end" && at < characters.length) continue;
        waiting.push({ state: to, at });
      }
    }
  }
  return steps;
}
