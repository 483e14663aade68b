import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import { ownContracts } from "../test-support/own-contracts.ts";
import { createSamples } from "./samples.ts";

const values = (schema: JsonObject) => {
  const samples = createSamples(schema);
  const seeded = Array.from({ length: 20 }, (_, seed) => samples.random(seed));
  return [samples.minimal(), samples.maximal(), ...seeded, ...samples.boundary()];
};

describe.each(ownContracts)("the samples of $name", ({ schema }) => {
  it("pass the closed validator, and there are some of each kind", () => {
    const { check } = compile(schema, "closed");
    const all = values(schema);
    expect(all.filter((value) => value === undefined || !check(value))).toEqual([]);
    expect(createSamples(schema).boundary().length).toBeGreaterThan(5);
    expect(createSamples(schema).boundary().length).toBeLessThanOrEqual(1_000);
  });

  it("are the same every time", () => {
    expect(values(schema)).toEqual(values(schema));
  });
});

const person: JsonObject = {
  type: "object",
  required: ["name", "age"],
  properties: {
    name: { type: "string", minLength: 2, maxLength: 5 },
    age: { type: "integer", minimum: 0, exclusiveMaximum: 150 },
    mail: { type: ["string", "null"], format: "email" },
    size: { type: "number", minimum: 0.5, maximum: 2 },
    tags: { type: "array", items: { enum: ["a", "b", "c"] }, uniqueItems: true, minItems: 1, maxItems: 3 },
  },
};

const at = (name: string) =>
  new Set(
    createSamples(person)
      .boundary()
      .map((value) => canonicalJson({ [name]: "absent", ...(value as JsonObject) }[name] ?? null)),
  );

describe("createSamples", () => {
  it("finds an end in a contract that contains itself in two parts at once", () => {
    const again = { c$: { $ref: "#/$defs/x" } };
    const x = {
      allOf: [
        { type: "object", patternProperties: again, maxProperties: 3 },
        {
          type: "object",
          properties: { c: { type: ["string", "null"], format: "uuid", not: { const: "x" } } },
          patternProperties: again,
          maxProperties: 1,
        },
      ],
    };
    const schema: JsonObject = { type: "object", properties: { c: { $ref: "#/$defs/x" } }, $defs: { x } };
    const samples = createSamples(schema);
    expect(samples.minimal()).toEqual({});
    expect(samples.maximal()).toBeDefined();
    expect(samples.boundary().length).toBeGreaterThan(1);
    expect(samples.mutants().length).toBeGreaterThan(1);
  });

  it("gives no more and no less than what is required, or everything", () => {
    const samples = createSamples(person);
    expect(samples.minimal()).toEqual({ name: "aa", age: 0 });
    expect(Object.keys(Object(samples.maximal()))).toEqual(["name", "age", "mail", "size", "tags"]);
  });

  it("goes to every edge, one at a time", () => {
    expect([...at("age")].map(Number).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 148, 149]);
    expect(at("mail")).toContain("null");
    expect(at("mail")).toContain('"absent"');
    expect([...at("size")].map(Number).filter((size) => size > 0.5 && size < 0.51)).toHaveLength(1);
    expect([...at("name")].map((text) => [...(JSON.parse(text) as string)].length).toSorted()).toEqual(
      expect.arrayContaining([2, 3, 4, 5]),
    );
    expect([...at("name")].some((text) => text.includes("😀"))).toBe(true);
    expect([...at("tags")].map((text) => (JSON.parse(text) as Json[] | string).length)).toEqual(
      expect.arrayContaining([1, 2, 3]),
    );
  });
});

const text = { type: "string" };
const list = { type: "object", properties: { next: { $ref: "#/$defs/list" }, at: { type: "integer" } } };

describe("createSamples of other schemas", () => {
  it.each<[string, JsonObject]>([
    ["types without one", { minimum: 3, maxLength: 2 }],
    ["anything", {}],
    ["a constant object", { const: { a: [1, null] } }],
    ["a pattern and a length", { type: "string", pattern: "^[a-f]+-\\d$", minLength: 30, maxLength: 31 }],
    ["two patterns", { allOf: [{ type: "string", pattern: "^a" }, { pattern: "^ab?c*$" }] }],
    ["a format and a length", { type: "string", format: "uri", minLength: 60, maxLength: 61 }],
    ["steps", { type: "number", multipleOf: 0.25, exclusiveMinimum: 0, maximum: 1 }],
    ["a whole number with steps", { type: "integer", multipleOf: 1.5, minimum: 1 }],
    [
      "parts",
      { allOf: [{ required: ["a"] }, { properties: { a: text, b: { enum: [1] } } }], type: "object" },
    ],
    ["not", { type: "integer", minimum: 0, maximum: 3, not: { enum: [0, 3] } }],
    ["a condition", { properties: { a: text, b: text }, if: { required: ["a"] }, else: { required: ["b"] } }],
    ["exactly one", { oneOf: [{ type: "integer" }, { type: "number", minimum: 5 }] }],
    [
      "dependents",
      { type: "object", properties: { a: text, b: text }, dependentRequired: { a: ["b"], b: ["a"] } },
    ],
    [
      "a map",
      { type: "object", additionalProperties: text, minProperties: 2, propertyNames: { pattern: "^k_\\d$" } },
    ],
    [
      "names by pattern",
      { type: "object", patternProperties: { "^x-": text }, additionalProperties: false, minProperties: 1 },
    ],
    ["a tuple", { type: "array", prefixItems: [text, { type: "integer" }], items: false, minItems: 2 }],
    ["different items", { type: "array", items: { enum: [1, 2, 3] }, uniqueItems: true, minItems: 3 }],
    [
      "items to contain",
      { type: "array", items: text, contains: { const: "x" }, minContains: 2, maxContains: 2 },
    ],
    ["a list in itself", { $ref: "#/$defs/list", $defs: { list } }],
    [
      "a list in itself, or null",
      {
        ...list,
        required: ["next"],
        properties: { next: { anyOf: [{ $ref: "#/$defs/list" }, { type: "null" }] } },
        $defs: { list },
      },
    ],
    [
      "parts that contain themselves",
      {
        allOf: [{ $ref: "#/$defs/list" }, { properties: { next: { $ref: "#/$defs/list" } } }],
        $defs: { list },
      },
    ],
  ])("makes payloads of %s", (_, schema) => {
    const { check } = compile(schema, "closed");
    const all = values(schema);
    expect(all.filter((value) => value === undefined || !check(value))).toEqual([]);
    expect(createSamples(schema).boundary().length).toBeGreaterThan(0);
  });

  const endless = {
    type: "object",
    required: ["a", "b"],
    properties: { a: { $ref: "#/$defs/e" }, b: { $ref: "#/$defs/e" } },
  };

  it.each<[string, JsonObject]>([
    ["nothing at all", { not: {} }],
    ["two kinds at once", { allOf: [{ type: "string" }, { type: "integer" }] }],
    ["no number", { type: "integer", minimum: 3, maximum: 2 }],
    ["a text too short for its pattern", { type: "string", pattern: "^a{9}$", maxLength: 8 }],
    ["too few different items", { type: "array", items: { enum: [1, 2] }, uniqueItems: true, minItems: 3 }],
    ["itself twice, for ever", { $ref: "#/$defs/e", $defs: { e: endless } }],
  ])("finds no payload where there is none: %s", (_, schema) => {
    const samples = createSamples(schema);
    expect([samples.minimal(), samples.maximal(), samples.random(7)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([samples.boundary(), samples.mutants()]).toEqual([[], []]);
  });

  it("ends where parts multiply", () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => {
        const next = { $ref: `#/$defs/d${index + 1}` };
        return [`d${index}`, { type: "object", properties: { a: next, b: next, c: next } }];
      }),
    );
    const schema = { $ref: "#/$defs/d0", $defs: { ...definitions, d30: text } };
    expect(JSON.stringify(createSamples(schema).maximal()).length).toBeLessThan(1_000_000);
  });
});
