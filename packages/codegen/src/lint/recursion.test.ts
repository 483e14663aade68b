import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import { bundleDocument } from "../normalise/bundle.ts";
import { readProject } from "../read-project.ts";
import { ambiguousRecursions } from "./recursion.ts";

const self = { $ref: "#/$defs/t" };
const list = { items: self };
const has = (properties: JsonObject, ...required: readonly string[]): JsonObject => ({
  type: "object",
  required,
  properties,
});
const tagged = (kind: string, member: Json) => has({ kind: { const: kind }, member }, "kind");

/** An object that is not taken for a promise. */
function conditional(...schemas: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(
    schemas.map((schema, index) => [["if", "then", "else"][index], schema]),
  ) as JsonObject;
}

function ambiguous(t: JsonObject): readonly string[] {
  const bundled = bundleDocument({ properties: { t: self }, $defs: { t } });
  if (!bundled.ok) throw new Error(JSON.stringify(bundled.problems));
  return ambiguousRecursions(bundled.schema);
}

describe("ambiguousRecursions", () => {
  it.each<[string, JsonObject]>([
    ["a member", has({ a: self })],
    ["two members", has({ a: self, b: self })],
    ["lists and maps", { anyOf: [{ type: "null" }, list, { type: "object", additionalProperties: self }] }],
    [
      "branches with other members",
      { anyOf: [has({ and: list }, "and"), has({ or: list }, "or"), has({ is: {} })] },
    ],
    ["branches with a tag", { oneOf: [tagged("a", self), tagged("b", list)] }],
    [
      "a tag that is no text",
      { anyOf: [1, 2].map((kind) => has({ kind: { const: kind }, a: self }, "kind")) },
    ],
    ["types apart", { anyOf: [has({ a: self }), { type: "array", items: has({ a: self }) }] }],
    ["one branch that leads back", { anyOf: [has({ a: self }), has({ a: { type: "string" } })] }],
    ["a condition", conditional(has({ x: {} }, "x"), has({ a: self }), has({ a: list }))],
  ])("lets %s be", (_what, t) => {
    expect(ambiguous(t)).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    ["branches that nothing tells apart", { anyOf: [has({ a: self }, "x"), has({ a: self }, "y")] }],
    ["oneOf", { oneOf: [has({ a: self }, "x"), has({ a: self }, "y")] }],
    ["branches further in", has({ in: { anyOf: [has({ a: self }, "x"), has({ a: list }, "y")] } })],
    ["lists of them", { anyOf: [list, { minItems: 1, items: has({ a: self }) }] }],
    ["a map beside a member", { anyOf: [has({ a: self }), { type: "object", additionalProperties: self }] }],
    ["the same part twice", { allOf: [has({ a: self }), { patternProperties: { "^a": self } }] }],
    ["what every item is and one has to be", { items: self, contains: self }],
    ["a tag with one value for two", { anyOf: [tagged("a", self), tagged("a", self)] }],
    ["a condition that leads back", conditional(has({ a: self }), has({ a: self }))],
    ["a reference twice over", has({ a: { anyOf: [self, { allOf: [self], required: ["x"] }] } })],
  ])("finds %s", (_what, t) => {
    expect(ambiguous(t)).toEqual(["t"]);
  });

  it("is asked of every contract", () => {
    const schema = {
      properties: { t: self },
      $defs: { t: { anyOf: [has({ a: self }, "x"), has({ a: self }, "y")] } },
    };
    const read = readProject(new Map([["thing/schema.json", JSON.stringify(schema)]]));
    expect(read.ok ? [] : read.problems).toMatchObject([
      { code: "too_complex", file: "thing/schema.json", pointer: "/$defs/t" },
    ]);
  });
});
