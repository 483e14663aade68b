import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import type { JsonObject } from "../json.ts";
import { toIssues } from "../runtime/issue.ts";
import type { ValidatorError } from "../runtime/row.ts";
import { validatorSchema } from "./validator-schema.ts";

const inner: JsonObject = { type: "object", properties: { a: { type: "string" } } };

describe("validatorSchema", () => {
  it("closes every object that names its members, and no map", () => {
    const schema = { ...inner, properties: { map: { type: "object", additionalProperties: inner } } };
    expect(validatorSchema(schema, "closed")).toEqual({
      type: "object",
      additionalProperties: false,
      properties: {
        map: { type: "object", additionalProperties: { ...inner, additionalProperties: false } },
      },
    });
  });

  it("opens every object, and keeps the values of a map", () => {
    const schema = {
      ...inner,
      additionalProperties: false,
      properties: { map: { type: "object", additionalProperties: inner } },
    };
    expect(validatorSchema(schema, "open")).toEqual({
      type: "object",
      properties: { map: { type: "object", additionalProperties: inner } },
    });
  });

  it("lets new values of an open enum in a union be of any type it has", () => {
    const grows = { type: ["string", "integer"], enum: ["a"], "x-open-enum": true };
    const schema = { anyOf: [grows, { type: "number", maximum: 0 }] };
    expect(["b", 7, 0.5].map((value) => compile(schema, "open").check(value))).toEqual([true, true, false]);
    expect(["b", 7, "a"].map((value) => compile(schema, "closed").check(value))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("keeps it said that all members are known, for whoever asks which are not", () => {
    const schema = { type: "object", additionalProperties: true, unevaluatedProperties: inner };
    for (const openness of ["closed", "open"] as const)
      expect(compile(schema, openness).check({ key: "text" })).toBe(true);
  });

  it("opens only an enum that says so, and only for consumers", () => {
    const open = { type: "string", enum: ["a"], "x-open-enum": true };
    expect(validatorSchema(open, "open")).toEqual({ type: "string" });
    expect(validatorSchema(open, "closed")).toEqual({ type: "string", enum: ["a"] });
    expect(validatorSchema({ type: "string", enum: ["a"] }, "open")).toEqual({ type: "string", enum: ["a"] });
  });

  it("takes a member called like a keyword for a member", () => {
    const schema = {
      type: "object",
      properties: { title: { type: "string", title: "T" }, enum: { type: "string" } },
    };
    expect(validatorSchema(schema, "open")).toEqual({
      type: "object",
      properties: { title: { type: "string" }, enum: { type: "string" } },
    });
  });
});

function faults(schema: JsonObject, data: unknown): readonly string[] {
  const { check } = compile(schema, "closed");
  if (check(data)) return [];
  const issues = toIssues(check.errors as readonly ValidatorError[], data, []);
  return issues.map(({ code, pointer }) => `${code} ${pointer}`);
}

function part(name: string, rest: JsonObject = {}): JsonObject {
  return {
    type: "object",
    properties: { [name]: { type: "string" } },
    ...rest,
  };
}

function variant(tag: string | number | boolean, rest: JsonObject = {}): JsonObject {
  return {
    type: "object",
    required: ["kind"],
    properties: { kind: { const: tag }, value: { type: "string" } },
    ...rest,
  };
}

function closed(schema: JsonObject, data: unknown): boolean {
  return compile(schema, "closed").check(data);
}

function tree(name: string): JsonObject {
  return part(name, { properties: { next: { $ref: `#/$defs/${name}` } } });
}

describe("validatorSchema of an object in parts", () => {
  const both = { a: "", b: "" };

  it.each<[string, JsonObject]>([
    ["allOf", { allOf: [part("a"), part("b")] }],
    ["allOf beside members", { ...part("a"), allOf: [part("b")] }],
    ["a reference beside members", { ...part("a"), $ref: "#/$defs/b", $defs: { b: part("b") } }],
    ["a union beside members", { ...part("a"), anyOf: [part("b"), part("c")] }],
    [
      "a condition beside members",
      { ...part("a"), if: { required: ["a"] }, else: part("c"), allOf: [part("b")] },
    ],
    ["a member's schema", { ...part("a"), dependentSchemas: { a: part("b") } }],
  ])("closes the whole and not its parts: %s", (_name, schema) => {
    expect([closed(schema, both), closed(schema, { ...both, z: "" })]).toEqual([true, false]);
  });

  it("merges what can be said as one object", () => {
    expect(validatorSchema({ allOf: [part("a", { required: ["a"] }), part("b")] }, "closed")).toEqual({
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" } },
      required: ["a"],
      additionalProperties: false,
    });
  });

  it("closes an object inside a part when no other part speaks of it", () => {
    const schema = { allOf: [{ properties: { x: part("a") } }, part("b")] };
    expect(closed(schema, { x: { a: "" }, b: "" })).toBe(true);
    expect(closed(schema, { x: { a: "", z: "" }, b: "" })).toBe(false);
    const shared = {
      ...part("c"),
      oneOf: [{ properties: { x: part("a") } }, { properties: { x: part("b") }, required: ["c"] }],
    };
    expect(closed(shared, { x: { b: "" }, c: "" })).toBe(true);
    expect(closed(shared, { x: both, c: "" })).toBe(false);
    const narrowed = {
      $ref: "#/$defs/n",
      properties: { x: part("a") },
      $defs: { n: part("n", { properties: { x: part("b") } }) },
    };
    expect([closed(narrowed, { x: both }), closed(narrowed, { x: { ...both, z: "" } })]).toEqual([
      true,
      false,
    ]);
  });

  it("leaves alone what stands below not and if", () => {
    const schema = { ...part("a"), not: part("b", { required: ["b"] }), if: part("c"), else: {} };
    expect(validatorSchema(schema, "closed")).toMatchObject({ not: schema.not, if: schema.if });
    expect(validatorSchema(schema, "open")).toMatchObject({ not: schema.not, if: schema.if });
  });

  it("ends for contracts that contain themselves twice over", () => {
    const schema = {
      allOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/b" }],
      $defs: { a: tree("a"), b: tree("b") },
    };
    expect(closed(schema, { next: { next: { next: {} } } })).toBe(true);
  });

  it("judges members seen by pattern beside branches that see others", () => {
    const schema: JsonObject = {
      type: "object",
      patternProperties: { "^a": { type: "string" } },
      anyOf: [{ type: "object" }, { type: "object", additionalProperties: false }],
    };
    const { check } = compile(schema, "closed");
    expect([{ a: "x" }, { a: 1 }, { b: "x" }, {}].map((data) => check(data))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

describe("validatorSchema of a union", () => {
  it.each<[string, JsonObject]>([
    ["a tag", { oneOf: [variant("a"), variant("b")] }],
    ["a tag that is no text", { oneOf: [variant(1), variant("a")] }],
    ["a tag in a part", { anyOf: [{ allOf: [variant("a")] }, variant("b")] }],
    [
      "a tag behind references",
      { anyOf: [{ $ref: "#/$defs/a" }, variant("b")], $defs: { a: { $ref: "#/$defs/c" }, c: variant("a") } },
    ],
    ["null and a tag", { anyOf: [{ type: "null" }, variant("a"), variant("b")] }],
    ["types", { anyOf: [{ type: "string", maxLength: 2 }, variant("a"), { type: "array" }] }],
  ])("goes by %s, so that one fault is one issue", (_name, schema) => {
    expect(faults(schema, { kind: "a", value: "v" })).toEqual([]);
    expect(faults(schema, { kind: "a", value: 1 })).toEqual(["wrong_type /data/value"]);
    expect(faults(schema, 5)).toEqual(["wrong_type /data"]);
    expect(faults(schema, { kind: "z" })).toHaveLength(1);
  });

  it("tells a union without a tag as a whole", () => {
    const schema = { anyOf: [variant("a"), { type: "object", properties: { other: { type: "string" } } }] };
    expect(faults(schema, { kind: "a", value: 1 })).toEqual(["no_variant_matches /data"]);
  });

  it("takes values for an enumeration, and types for themselves", () => {
    expect(
      validatorSchema({ oneOf: [{ const: "a" }, { type: "string", enum: ["b", "c"] }] }, "closed"),
    ).toEqual({
      enum: ["a", "b", "c"],
    });
  });

  it("lets consumers read a variant they do not know, where the contract says that there may be more", () => {
    const schema = { oneOf: [variant("a"), variant("b")], "x-open-union": true };
    const open = (data: unknown) => compile(schema, "open").check(data);
    expect([open({ kind: "new", z: 1 }), open({ kind: "a", value: 1 }), open({ kind: 1 }), open({})]).toEqual(
      [true, false, false, false],
    );
    expect(compile(schema, "closed").check({ kind: "new" })).toBe(false);
    expect(compile({ oneOf: schema.oneOf }, "open").check({ kind: "new" })).toBe(false);
  });
});

describe("compile", () => {
  it("tells one fault of a nullable object once, and accepts null", () => {
    const schema = { type: "object", properties: { n: { anyOf: [inner, { type: "null" }] } } };
    const { check } = compile(schema, "closed");
    expect(check({ n: null })).toBe(true);
    expect(check({ n: { a: 1 } })).toBe(false);
    expect(check.errors?.filter(({ keyword }) => keyword !== "if")).toHaveLength(1);
  });

  it("reports every fault when closed, and the first alone when open", () => {
    const schema = { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } };
    const faults = (openness: "open" | "closed") => {
      const { check } = compile(schema, openness);
      check({ a: 1, b: 2 });
      return check.errors?.length;
    };
    expect([faults("closed"), faults("open")]).toEqual([2, 1]);
  });
});
