import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import { readProject } from "../read-project.ts";
import { readSources } from "../sources.ts";
import { createSamples, maxBoundary } from "./samples.ts";

const schemas = fileURLToPath(new URL("../../../../schemas", import.meta.url));
const read = readProject(await readSources(schemas));
const own = read.ok
  ? read.project.contracts.flatMap(({ type, majors }) =>
      majors.map(({ version, schema }) => ({ name: `${type} ${version}`, schema })),
    )
  : [];

const values = (schema: JsonObject) => {
  const samples = createSamples(schema);
  const seeded = Array.from({ length: 20 }, (_, seed) => samples.random(seed));
  return [samples.minimal(), samples.maximal(), ...seeded, ...samples.boundary()];
};

describe.each(own)("the samples of $name", ({ schema }) => {
  it("pass the closed validator, and there are some of each kind", () => {
    const { check } = compile(schema, "closed");
    const all = values(schema);
    expect(all.filter((value) => value === undefined || !check(value))).toEqual([]);
    expect(createSamples(schema).boundary().length).toBeGreaterThan(5);
    expect(createSamples(schema).boundary().length).toBeLessThanOrEqual(maxBoundary);
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
