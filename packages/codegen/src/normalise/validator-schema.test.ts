import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import type { JsonObject } from "../json.ts";
import { sensitivePointers } from "./sensitive.ts";
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

describe("sensitivePointers", () => {
  it("follows references, lists, maps and recursion", () => {
    const schema: JsonObject = {
      type: "object",
      properties: {
        one: { $ref: "#/$defs/person" },
        many: { type: "array", items: { $ref: "#/$defs/person" } },
        map: { type: "object", additionalProperties: { type: "string", "x-sensitive": "secret" } },
        whole: { type: "object", properties: {}, "x-sensitive": "health" },
      },
      $defs: {
        person: {
          type: "object",
          properties: { email: { type: "string", "x-sensitive": "pii" }, friend: { $ref: "#/$defs/person" } },
        },
        unused: { type: "string", "x-sensitive": "pii" },
      },
    };
    expect(sensitivePointers(schema)).toEqual(["/many/*/email", "/map/*", "/one/email", "/whole"]);
  });
});
