import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { sensitivePointers } from "./sensitive.ts";

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
    expect(sensitivePointers(schema)).toEqual([
      "/many/*/email",
      "/many/*/friend",
      "/map/*",
      "/one/email",
      "/one/friend",
      "/whole",
    ]);
  });

  it("finds what is sensitive in every part and place of a value", () => {
    const marked: JsonObject = { "x-sensitive": "pii" };
    const schema: JsonObject = {
      allOf: [{ properties: { a: marked } }],
      oneOf: [{ properties: { b: marked } }, { type: "null" }],
      if: { properties: { c: marked } },
      else: { properties: { d: { prefixItems: [{}, marked], items: marked, contains: marked } } },
      patternProperties: { "^x/": marked },
      dependentSchemas: { a: { properties: { e: { unevaluatedProperties: marked } } } },
    };
    expect(sensitivePointers(schema)).toEqual(["/*", "/a", "/b", "/c", "/d/*", "/d/1", "/e/*"]);
  });

  it("takes no longer for definitions that all lead to each other", () => {
    const names = Array.from({ length: 14 }, (_, index) => `n${index}`);
    const properties = Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]));
    const secret = { type: "string", "x-sensitive": "secret" };
    const node = { type: "object", properties: { ...properties, secret } };
    const $defs = Object.fromEntries(names.map((name) => [name, node]));
    const pointers = sensitivePointers({ properties: { first: { $ref: "#/$defs/n0" } }, $defs });
    expect(pointers).toContain("/first/secret");
    expect(pointers).toContain("/first/n1/n2/secret");
    expect(pointers.length).toBeLessThan(40_000);
  });
});
