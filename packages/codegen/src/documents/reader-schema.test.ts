import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import type { Json, JsonObject } from "../json.ts";
import { createSamples } from "../samples/samples.ts";
import { bundleGithub } from "../test-support/octokit.ts";
import { readerSchema } from "./reader-schema.ts";

const object = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  ...rest,
});
const string = { type: "string" };

/** What a reader of the document says to a value. */
function reads(schema: JsonObject, value: Json): boolean {
  const definitions = Object.entries((schema["$defs"] ?? {}) as Readonly<Record<string, JsonObject>>);
  const names = new Map(definitions.map(([name]) => [name, name]));
  const { $defs: _definitions, ...root } = schema;
  const schemas = Object.fromEntries(definitions.map(([name, one]) => [name, readerSchema(one, names)]));
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, inlineRefs: false });
  return ajv.compile({ ...readerSchema(root, names), components: { schemas } })(value);
}

const closed = object({ a: string }, { additionalProperties: false });
const tagged = (tag: string) => object({ kind: { const: tag } }, { required: ["kind"] });

describe("readerSchema", () => {
  const accepted: readonly (readonly [string, JsonObject, Json])[] = [
    ["an unknown member", closed, { a: "", b: 1 }],
    ["an unknown member of a definition", { $ref: "#/$defs/closed", $defs: { closed } }, { b: 1 }],
    ["what two opened branches accept", { oneOf: [closed, object({ b: string })] }, { a: "", b: "" }],
    ["a new value of an open enum", { type: "string", enum: ["a"], "x-open-enum": true }, "b"],
    ["a new variant of an open union", { oneOf: [tagged("a")], "x-open-union": true }, { kind: "b" }],
    ["more members than there may be", object({}, { maxProperties: 1 }), { a: 1, b: 2 }],
    ["what `not` describes as closed, with more", { not: closed }, { a: "", b: 1 }],
  ];
  it.each(accepted)("accepts %s", (_title, schema, value) => {
    expect(reads(schema, value)).toBe(true);
  });

  const refused: readonly (readonly [string, JsonObject, Json])[] = [
    ["a new value of a closed enum", { type: "string", enum: ["a"] }, "b"],
    ["a new variant of a closed union", { oneOf: [tagged("a"), tagged("c")] }, { kind: "b" }],
    ["another type in an open enum", { type: "string", enum: ["a"], "x-open-enum": true }, 1],
    ["a wrong value of a map", { type: "object", additionalProperties: string }, { a: 1 }],
    ["what `not` describes", { not: closed }, { a: "" }],
  ];
  it.each(refused)("refuses %s", (_title, schema, value) => {
    expect(reads(schema, value)).toBe(false);
  });

  it("accepts whatever the closed contract of one of GitHub's events accepts", () => {
    const schema = bundleGithub("issues$opened");
    const samples = createSamples(schema);
    const { check } = compile(schema, "closed");
    const values = [samples.minimal(), samples.maximal(), samples.random(1)].filter(
      (one) => one !== undefined,
    );
    expect(values.length).toBeGreaterThan(1);
    for (const value of values) expect([check(value), reads(schema, value)]).toEqual([true, true]);
  });

  it("keeps what a person reads", () => {
    const schema = object({ a: { ...string, description: "A.", "x-sensitive": "pii", deprecated: true } });
    expect(readerSchema(schema, new Map())).toEqual(schema);
  });
});
