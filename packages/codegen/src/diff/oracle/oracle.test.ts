import { describe, expect, it } from "vitest";
import { compile } from "../../compile.ts";
import type { Json, JsonObject } from "../../json.ts";
import { compareContracts } from "../compare.ts";

const text: JsonObject = { type: "string" };
const list = (more: JsonObject): JsonObject => ({ type: "array", items: text, ...more });
const map = (more: JsonObject): JsonObject => ({ type: "object", additionalProperties: text, ...more });
const object = (properties: JsonObject): JsonObject => ({ type: "object", properties });
const named = (patternProperties: JsonObject): JsonObject => ({ type: "object", patternProperties });
const id = (characters: string): JsonObject => ({ ...text, pattern: `^inv_[${characters}]{8}$` });
const rest = (schema: Json): JsonObject => ({ properties: { b: text }, unevaluatedProperties: schema });
const place = (schema: Json): JsonObject => ({ prefixItems: [text], unevaluatedItems: schema });

/** What the newer of two allows and the older refuses, where that takes a payload of its own kind. */
const breaks: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ["finer steps of a fraction", { type: "number", multipleOf: 0.1 }, { type: "number", multipleOf: 0.05 }],
  ["another class of characters", id("a-z"), id("a-z_")],
  ["a character that was excluded", { ...text, pattern: "^[^\\n]+$" }, { ...text, pattern: "^[^x]+$" }],
  ["a format less a pattern", { ...text, format: "date", pattern: "^2" }, { ...text, format: "date" }],
  ["a very long text", { ...text, maxLength: 100_000 }, { ...text, maxLength: 100_001 }],
  ["a very long list", list({ maxItems: 5_000 }), list({ maxItems: 5_001 })],
  [
    "a very long list of different elements",
    list({ maxItems: 5_000, uniqueItems: true }),
    list({ maxItems: 5_001, uniqueItems: true }),
  ],
  ["a shorter list, still long", list({ minItems: 2_000 }), list({ minItems: 1_999 })],
  ["fewer members, still many", map({ minProperties: 2_000 }), map({ minProperties: 1_999 })],
  ["more of what it contains", list({ contains: text, maxContains: 2 }), list({ contains: text })],
  [
    "more of a range it contains",
    { type: "array", contains: { type: "integer", minimum: 5 }, minContains: 0, maxContains: 2 },
    { type: "array", items: { type: "integer" } },
  ],
  [
    "a name that two patterns match",
    named({ "^a": { type: "integer" }, b$: { maximum: 5 } }),
    named({ "^a": { type: "integer" } }),
  ],
  [
    "a name of a pattern of its own",
    named({ "^x-\\d{3}$": text }),
    named({ "^x-\\d{3}$": { type: "null" } }),
  ],
  ["members nothing else speaks of", rest(text), rest({ type: "integer" })],
  ["elements nothing else speaks of", place({ type: "integer" }), place(text)],
  [
    "an integer beyond those that are exact",
    { type: "integer", maximum: 9_007_199_254_740_991 },
    { type: "integer" },
  ],
  ["a value that was excluded", { ...text, not: { enum: ["x", "y"] } }, text],
  ["texts that were excluded", { ...text, not: { pattern: "^[a-z]{3}-\\d$" } }, text],
  [
    "an object that was excluded",
    {
      properties: { k: { enum: ["a", "b"] } },
      not: { properties: { k: { const: "a" } }, required: ["k"] },
    },
    { properties: { k: { enum: ["a", "b"] } } },
  ],
];

describe("the oracle", () => {
  it.each(breaks)("shows %s", (_name, older, newer) => {
    const { changes, subscriber } = compareContracts(older, newer);
    expect(subscriber).toBe("breaking");
    const shown = changes.find(({ counterexample }) => counterexample?.direction === "subscriber");
    const data = shown?.counterexample?.data ?? null;
    expect(compile(newer, "closed").check(data)).toBe(true);
    expect(compile(older, "open").check(data)).toBe(false);
  });

  it("fulfils a condition and what follows from it at once", () => {
    const condition = [
      { properties: { k: { const: "a" } }, required: ["k"] },
      object({ v: { type: "integer" } }),
    ];
    const parts = ["if", "then"].map((keyword, at) => [keyword, condition[at] ?? {}] as const);
    const older = { ...object({ k: text }), ...Object.fromEntries(parts) };
    const newer = object({ k: text, v: text });
    expect(compareContracts(older, newer).changes).toContainEqual(
      expect.objectContaining({
        rule: "PROP_ADDED_OPTIONAL",
        counterexample: { direction: "replay", data: { k: "a", v: expect.any(Number) } },
      }),
    );
  });

  it("builds no payload beyond all measure, and says that it has not", () => {
    const [older, newer] = [1e8, 1e8 + 1].map((maxLength) => ({ ...text, maxLength }));
    expect(compareContracts(older ?? {}, newer ?? {}).changes).toMatchObject([
      { rule: "BOUND_LOOSENED", proof: "unproven" },
    ]);
  });
});
