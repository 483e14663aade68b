import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import { toAsyncApiSchema } from "./asyncapi-schema.ts";

const string = { type: "string" };
const cases: readonly (readonly [string, JsonObject, readonly Json[]])[] = [
  ["a tuple", { prefixItems: [string], items: { type: "number" } }, [["a", 1], ["a", "b"], [1]]],
  ["a closed tuple", { prefixItems: [string], items: false }, [["a"], ["a", "b"]]],
  [
    "dependencies",
    { dependentRequired: { a: ["b"] }, dependentSchemas: { a: { required: ["c"] }, d: { required: ["e"] } } },
    [{ a: 1 }, { a: 1, b: 1 }, { a: 1, c: 1 }, { a: 1, b: 1, c: 1 }, { d: 1 }, { d: 1, e: 1 }],
  ],
  [
    "a reference with company",
    { properties: { a: { $ref: "#/definitions/a", maxLength: 1, description: "Short." } } },
    [{ a: "x" }, { a: "xx" }, { a: 1 }],
  ],
  ["a list of things inside", { items: { prefixItems: [string] } }, [[["a"]], [[1]]]],
];

describe("toAsyncApiSchema", () => {
  it.each(cases)("says %s in draft-07", (_title, schema, values) => {
    const definitions = { a: string };
    const after = new Ajv({ strict: false }).compile({ definitions, ...toAsyncApiSchema(schema) });
    const before = new Ajv2020({ strict: false }).compile({ definitions, ...schema });
    const verdicts = values.map((value) => before(value));
    expect(values.map((value) => after(value))).toEqual(verdicts);
    expect(new Set(verdicts)).toEqual(new Set([true, false]));
  });

  it("names the discriminator, and leaves out what draft-07 has no words for", () => {
    const schema = { discriminator: { propertyName: "kind" }, oneOf: [], unevaluatedProperties: false };
    expect(toAsyncApiSchema(schema)).toEqual({ discriminator: "kind", oneOf: [] });
  });
});
