import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../json.ts";
import { formats } from "../formats.ts";
import { inferSchema } from "./infer-schema.ts";

const safe = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };

describe("inferSchema", () => {
  it("requires what every sample has, and asks a person for the rest", () => {
    expect(inferSchema([{ id: 1, name: "a" }, { id: 2.5 }, { id: 3, name: null }])).toEqual({
      type: "object",
      properties: {
        id: { description: "Describe id.", type: "number" },
        name: { description: "Describe name.", type: ["string", "null"] },
      },
      required: ["id"],
    });
  });

  it.each<[readonly Json[], unknown]>([
    [[1, 2], { type: "integer", ...safe }],
    [[1, null], { type: ["integer", "null"], ...safe }],
    [[2 ** 60], { type: "number" }],
    [["2026-01-02T03:04:05Z"], { type: "string", format: "date-time" }],
    [["2026-01-02T03:04:05Z", "soon"], { type: "string" }],
    [["2026-01-02"], { type: "string", format: "date" }],
    [["ada@example.com"], { type: "string", format: "email" }],
    [["https://example.com/a"], { type: "string", format: "uri" }],
    [["3f0e1a52-0c1d-4a3e-9a1e-0d2f3b4c5d6e"], { type: "string", format: "uuid" }],
    [["a", 1], { type: ["integer", "string"] }],
    [["a", true, null], { type: ["boolean", "string", "null"] }],
    [[[]], { type: "array" }],
    [[[1], [2, null]], { type: "array", items: { type: ["integer", "null"], ...safe } }],
    [[null], { type: "null" }],
    [[{}, null], { anyOf: [{ type: "object", properties: {} }, { type: "null" }] }],
    [["a", "b", "a", "b"], { type: "string" }],
  ])("makes of %j %j", (values, schema) => {
    expect(inferSchema(values)).toEqual(schema);
  });

  it("takes few values that keep coming back for all there are, when it is asked to", () => {
    expect(inferSchema(["b", "a", "b", "a"], { enums: true })).toEqual({ type: "string", enum: ["a", "b"] });
    expect(inferSchema(["b", "a", "c"], { enums: true })).toEqual({ type: "string" });
    expect(inferSchema(["a", "a", null], { enums: true })).toEqual({
      anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }],
    });
  });

  it("accepts what it was inferred from", () => {
    const ajv = new Ajv2020({ strict: false, formats: { ...formats }, logger: false });
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (values, enums) => {
          const samples = JSON.parse(JSON.stringify(values)) as readonly Json[];
          const check = ajv.compile(inferSchema(samples, { enums }));
          for (const sample of samples) expect(check(sample), JSON.stringify(sample)).toBe(true);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});
