import { describe, expect, it } from "vitest";
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import { createSamples } from "./samples.ts";

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
