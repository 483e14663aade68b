import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import { bundle, bundleDocument } from "./bundle.ts";

function bundled(document: Json, others: Readonly<Record<string, Json>> = {}): JsonObject {
  const documents = new Map(Object.entries({ "a/schema.json": document, ...others }));
  const result = bundle("a/schema.json", { documents });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.schema;
}

function problemsOf(document: Json, others: Readonly<Record<string, Json>> = {}): readonly string[] {
  const documents = new Map(Object.entries({ "a/schema.json": document, ...others }));
  const result = bundle("a/schema.json", { documents });
  return result.ok ? [] : result.problems.map(({ code, file, pointer }) => `${code} ${file}#${pointer}`);
}

const draft7 = "http://json-schema.org/draft-07/schema#";
const text = { type: "string" };

function chain(length: number, step: (next: JsonObject) => JsonObject): JsonObject {
  const definitions = Array.from({ length }, (_, index) => [
    `d${index}`,
    index === length - 1 ? text : step({ $ref: `#/$defs/d${index + 1}` }),
  ]);
  return Object.fromEntries(definitions) as JsonObject;
}

const twice = (next: JsonObject): JsonObject => ({ properties: { a: next, b: { items: next } } });

describe("bundle", () => {
  it("writes draft-07 in the vocabulary of 2020-12", () => {
    const schema = bundled({
      $schema: draft7,
      $id: "https://example.com/a",
      type: "object",
      properties: {
        pair: { type: "array", items: [text, { $ref: "#/definitions/n" }], additionalItems: false },
        list: { type: "array", items: text, additionalItems: false },
        anything: true,
        nothing: false,
      },
      additionalProperties: true,
      dependencies: { a: ["b"], c: { required: ["d"] } },
      definitions: { n: { type: "number" }, unused: {} },
    });
    expect(schema).toEqual({
      type: "object",
      properties: {
        pair: { type: "array", prefixItems: [text, { $ref: "#/$defs/n" }], items: false },
        list: { type: "array", items: text },
        anything: {},
        nothing: { not: {} },
      },
      additionalProperties: {},
      dependentRequired: { a: ["b"] },
      dependentSchemas: { c: { required: ["d"] } },
      $defs: { n: { type: "number" } },
    });
  });

  it.each([
    "http://json-schema.org/draft-07/schema",
    draft7,
    "https://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2020-12/schema#",
    "https://spec.openapis.org/oas/3.1/dialect/base",
  ])("reads what is written in %s", ($schema) => {
    expect(problemsOf({ $schema, ...text })).toEqual([]);
  });

  it.each([
    "http://evil/schema",
    "http://json-schema.org/draft-04/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/schema#",
    "https://evil/?http://json-schema.org/draft-07/schema#",
    "",
  ])("refuses what says it is written in %j, wherever it says so", ($schema) => {
    expect(problemsOf({ $schema })).toEqual(["unknown_dialect a/schema.json#/$schema"]);
    expect(problemsOf({ $ref: "#/$defs/a", $defs: { a: { $schema } } })).toEqual([
      "unknown_dialect a/schema.json#/$defs/a/$schema",
    ]);
    expect(problemsOf({ properties: { $schema: { const: $schema } } })).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    ["a definition", { $ref: "#/$defs/x", $defs: { x: text } }],
    ["an old definition", { $ref: "#/definitions/x", definitions: { x: text } }],
    ["an escaped place", { $ref: "#/$defs/a~1b%25~0", $defs: { "a/b%~": text } }],
    ["an anchor", { $ref: "#x", $defs: { y: { $anchor: "x", ...text } } }],
    ["an old anchor", { $schema: draft7, $ref: "#x", definitions: { y: { $id: "#x", ...text } } }],
    ["a file", { $ref: "../b/c.json" }],
    ["a place in a file", { $ref: "../b/d.json#/x/0" }],
    ["a chain", { $ref: "#/$defs/x", $defs: { x: { $ref: "#/$defs/y" }, y: text } }],
    [
      "an identifier",
      { $ref: "https://e.com/y#/$defs/z", $defs: { x: { $id: "https://e.com/y", $defs: { z: text } } } },
    ],
    [
      "a relative identifier",
      { $id: "https://e.com/a/b", $ref: "c", $defs: { x: { $id: "https://e.com/a/c", ...text } } },
    ],
    ["another file's identifier", { $id: "https://e.com/schemas/x.json", $ref: "named.json" }],
  ])("follows a reference to %s", (_name, document) => {
    const others = {
      "b/c.json": text,
      "b/d.json": { x: [text] },
      "far/away.json": { $id: "https://e.com/schemas/named.json", ...text },
    };
    expect(bundled(document, others)).toEqual(text);
  });

  it("follows a reference to any place", () => {
    expect(bundled({ properties: { y: text, z: { $ref: "#/properties/y" } } })).toEqual({
      properties: { y: text, z: { $ref: "#/$defs/y" } },
      $defs: { y: text },
    });
  });

  it("resolves a reference inside an embedded schema within that schema", () => {
    const inner = { $id: "https://e.com/inner", $ref: "#/$defs/x", $defs: { x: { type: "number" } } };
    const schema = bundled({ properties: { a: inner, b: { $ref: "#/$defs/x" } }, $defs: { x: text } });
    expect(schema).toEqual({
      properties: { a: { $ref: "#/$defs/x" }, b: { $ref: "#/$defs/a_x" } },
      $defs: { x: { type: "number" }, a_x: text },
    });
  });

  it("keeps what stands beside a reference in 2020-12, and ignores it in draft-07, but for annotations", () => {
    const beside = { $ref: "#/$defs/x", maxLength: 3, description: "D.", "x-sensitive": "pii" };
    const document = { properties: { a: beside }, $defs: { x: text } };
    expect(bundled(document)).toMatchObject({ properties: { a: beside } });
    expect(bundled({ $schema: draft7, ...document })["properties"]).toEqual({
      a: { $ref: "#/$defs/x", description: "D.", "x-sensitive": "pii" },
    });
  });

  it("reads recursion: through the root, through itself, and through another file", () => {
    expect(bundled({ properties: { a: { $ref: "#" } } })).toEqual({
      properties: { a: { $ref: "#/$defs/a" } },
      $defs: { a: { properties: { a: { $ref: "#/$defs/a" } } } },
    });
    const tree = { properties: { left: { $ref: "t.json" }, back: { $ref: "schema.json" } } };
    expect(bundled({ properties: { t: { $ref: "t.json" } } }, { "a/t.json": tree })).toMatchObject({
      $defs: { t: { properties: { left: { $ref: "#/$defs/t" }, back: { $ref: "#/$defs/a" } } } },
    });
  });

  it("gives definitions names that are safe and differ", () => {
    const names = ["__proto__", "constructor", "a b", "a`b", "*/", "1", "\u2028", "x"];
    const definitions = JSON.parse(
      `{${names.map((name) => `${JSON.stringify(name)}:{"title":${JSON.stringify(name)}}`).join(",")}}`,
    ) as JsonObject;
    const references = [
      ...names.map((name) => `#/$defs/${encodeURIComponent(name.replaceAll("/", "~1"))}`),
      "x.json",
      "b/x.json",
    ];
    const schema = bundled(
      { anyOf: references.map(($ref) => ({ $ref })), $defs: definitions },
      { "a/x.json": text, "a/b/x.json": { type: "number" } },
    );
    const safe = Object.keys(schema["$defs"] as JsonObject);
    expect(safe).toHaveLength(names.length + 2);
    expect(safe.filter((name) => !/^[A-Za-z][\w-]*$/.test(name))).toEqual([]);
  });

  it("changes nothing when it is done twice", () => {
    const once = bundled({
      $schema: draft7,
      properties: { a: { $ref: "#" }, b: { $ref: "#/definitions/q" }, c: false },
      definitions: { q: { items: [true, { $ref: "#/definitions/q" }] } },
    });
    expect(bundled(once)).toEqual(once);
  });

  it.each<[string, Json, string]>([
    ["a remote reference", { $ref: "https://e.com/x" }, "remote_reference a/schema.json#/$ref"],
    ["a missing place", { items: { $ref: "#/$defs/x" } }, "unresolved_reference a/schema.json#/items/$ref"],
    [
      "a place that is no schema",
      { $ref: "#/required", required: ["a"] },
      "unresolved_reference a/schema.json#/$ref",
    ],
    ["an inherited place", { $ref: "#/constructor" }, "unresolved_reference a/schema.json#/$ref"],
    ["a file outside of the folder", { $ref: "../../b.json" }, "unresolved_reference a/schema.json#/$ref"],
    ["a broken escape", { $ref: "#/%E0%A4%A" }, "unresolved_reference a/schema.json#/$ref"],
    [
      "a fault in an old list",
      { $schema: draft7, items: [true, { $ref: "#/x" }] },
      "unresolved_reference a/schema.json#/items/1/$ref",
    ],
    ["a dynamic reference", { $dynamicRef: "#a" }, "dynamic_reference a/schema.json#/$dynamicRef"],
    ["a reference to itself", { $ref: "#" }, "reference_cycle a/schema.json#"],
    [
      "references in a circle",
      { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } },
      "reference_cycle a/schema.json#/$defs/a",
    ],
    [
      "a circle through allOf and not",
      { items: { $ref: "#/$defs/a" }, $defs: { a: { allOf: [{ not: { $ref: "#/$defs/a" } }] } } },
      "reference_cycle a/schema.json#/$defs/a",
    ],
    ["a list for a schema", [], "invalid_schema a/schema.json#"],
  ])("refuses %s", (_name, document, problem) => {
    expect(problemsOf(document)).toEqual([problem]);
  });

  it("refuses what is too deep, without using up the stack", () => {
    const nested = JSON.parse(`${'{"items":'.repeat(5_000)}{}${"}".repeat(5_000)}`) as Json;
    expect(problemsOf(nested)).toEqual([`too_deep a/schema.json#${"/items".repeat(101)}`]);
  });

  it("follows ten thousand references in a row only as far as it may", () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => [
      `d${index}`,
      { items: { $ref: `#/$defs/d${index + 1}` } },
    ]);
    const $defs = { ...Object.fromEntries(chain), d10000: text } as JsonObject;
    expect(problemsOf({ $ref: "#/$defs/d0", $defs })).toHaveLength(1);
    const short = { ...$defs, d4000: text };
    expect(problemsOf({ $ref: "#/$defs/d0", $defs: short })).toEqual([]);
  });

  it("refuses what would check one value again and again", () => {
    const doubled = Array.from({ length: 40 }, (_, index) => {
      const next = { $ref: `#/$defs/d${index + 1}` };
      return [`d${index}`, { allOf: [next, next] }];
    });
    const $defs = { ...Object.fromEntries(doubled), d40: text } as JsonObject;
    expect(problemsOf({ $ref: "#/$defs/d0", $defs })).toEqual(["too_complex a/schema.json#/$defs/d30"]);
  });

  it("refuses definitions that double at every step, and only then", () => {
    const from = { $ref: "#/$defs/d0" };
    expect(problemsOf({ items: from, $defs: chain(12, twice) })).toEqual([]);
    expect(problemsOf({ items: from, $defs: chain(30, twice) })).toEqual([
      "too_complex a/schema.json#/$defs/d13",
    ]);
    expect(problemsOf({ items: from, $defs: chain(3_000, twice) })).toHaveLength(1);
    expect(problemsOf({ items: from, $defs: chain(3_000, (next) => ({ items: next })) })).toEqual([]);
    const $defs = { ...chain(15, twice), d14: { items: from } };
    expect(problemsOf({ items: from, $defs })).toEqual([]);
    const many = Array.from({ length: 100 }, () => from);
    expect(problemsOf({ prefixItems: many, $defs: chain(12, twice) })).toEqual([
      "too_complex a/schema.json#",
    ]);
  });

  it("bundles a document on its own", () => {
    expect(bundleDocument({ $ref: "#/$defs/a", $defs: { a: text } })).toMatchObject({
      ok: true,
      schema: text,
    });
    expect(bundleDocument(true)).toMatchObject({ ok: true, schema: {} });
    expect(bundleDocument("x", "mine.json")).toMatchObject({ problems: [{ file: "mine.json" }] });
  });
});
