import { describe, expect, it } from "vitest";
import { compile } from "./compile.ts";
import type { Json, JsonObject } from "./json.ts";
import { bundleDocument } from "./normalise/bundle.ts";
import { readProject } from "./read-project.ts";
import { render } from "./render/render.ts";
import { toIssues } from "./runtime/issue.ts";
import type { ValidatorError } from "./runtime/row.ts";

/** A folder of anybody's schemas: nothing but one schema. */
function problemsOf(schema: Json | string): readonly string[] {
  const text = typeof schema === "string" ? schema : JSON.stringify(schema);
  const read = readProject(new Map([["thing/schema.json", text]]));
  return read.ok ? [] : read.problems.map(({ code, file, pointer }) => `${code} ${file}#${pointer}`);
}

const hostile = [
  "constructor",
  "toString",
  "hasOwnProperty",
  'a"b',
  "a'b",
  "a`b${1}",
  "*/ evil() /*",
  "a\nb",
  "\u2028",
  "\u2029",
  "</script>",
  "\\",
  "",
  "a.b[0]",
];

function tagged(tag: string): JsonObject {
  return { required: ["constructor"], properties: { constructor: { const: tag } } };
}

const wide = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`member_${index}`, {}]));

describe("a folder of anybody's schemas", () => {
  it("needs nothing but a schema", () => {
    const schema = {
      title: "Pushed",
      description: "Somebody pushed.",
      type: "object",
      properties: { a: {} },
    };
    const read = readProject(new Map([["push/schema.json", JSON.stringify(schema)]]));
    expect(read).toMatchObject({
      ok: true,
      project: {
        config: { package: "contracts", source: "hooks", lint: "relaxed" },
        contracts: [
          {
            type: "push",
            event: {
              version: "1.0.0",
              group: "push",
              summary: "Pushed",
              trigger: "Somebody pushed.",
              payload: "full",
            },
          },
        ],
      },
    });
  });

  it("may use all of JSON Schema, also draft-07, and keywords nobody knows", () => {
    const schema = {
      $schema: "http://json-schema.org/draft-07/schema#",
      allOf: [{ $ref: "#/definitions/Some Thing" }, { not: { required: ["z"] } }],
      patternProperties: { "^x": true },
      dependencies: { a: ["b"] },
      definitions: { "Some Thing": { properties: { camelCase: { format: "whatever" } } } },
      "x-vendor": { a: 1 },
      tsType: "string",
      nullable: 5,
    };
    expect(problemsOf(schema)).toEqual([]);
  });

  it.each<[string, Json | string, string]>([
    ["no JSON", '{"type": }', "invalid_json thing/schema.json#"],
    [
      "a name twice",
      '{"properties": {"a": {}, "a": {}}}',
      "duplicate_member thing/schema.json#/properties/a",
    ],
    ["too deep", `${'{"items":'.repeat(200)}{}${"}".repeat(200)}`, "too_deep thing/schema.json#"],
    ["no schema", [], "invalid_schema thing/schema.json#"],
    [
      "a circle",
      { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } },
      "reference_cycle thing/schema.json#/$defs/a",
    ],
    [
      "a remote reference",
      { items: { $ref: "https://e.com/a" } },
      "remote_reference thing/schema.json#/items/$ref",
    ],
    ["a reference out", { $ref: "../../etc/passwd" }, "unresolved_reference thing/schema.json#/$ref"],
    ["a reference to nothing", { $ref: "#/$defs/a" }, "unresolved_reference thing/schema.json#/$ref"],
    ["a dynamic reference", { $dynamicRef: "#a" }, "dynamic_reference thing/schema.json#/$dynamicRef"],
    ["an evil pattern", { pattern: "^(a)\\1$", maxLength: 9 }, "pattern thing/schema.json#/pattern"],
    [
      "an evil name",
      { patternProperties: { "(?=a)b": {} } },
      "pattern thing/schema.json#/patternProperties/(?=a)b",
    ],
    [
      "an evil pattern elsewhere",
      { $ref: "#/x/a", x: { a: { pattern: "(" } } },
      "pattern thing/schema.json#/x/a/pattern",
    ],
    [
      "a member __proto__",
      '{"properties": {"__proto__": {}}}',
      "member_name thing/schema.json#/properties/__proto__",
    ],
    [
      "half a character",
      { properties: { "\ud800": {} } },
      "member_name thing/schema.json#/properties/\ud800",
    ],
    ["a misspelt annotation", { "x-sensitve": "pii" }, "unknown_annotation thing/schema.json#/x-sensitve"],
    ["a wrong annotation", { "x-sensitive": "yes" }, "invalid_annotation thing/schema.json#/x-sensitive"],
    ["a wrong event", { "x-event": { version: 1 } }, "invalid_annotation thing/schema.json#/x-event/version"],
    ["a wrong keyword", { required: "a" }, "invalid_keyword thing/schema.json#/required"],
    ["an old keyword", { exclusiveMinimum: true }, "invalid_keyword thing/schema.json#/exclusiveMinimum"],
    ["a type nobody knows", { items: [{ type: "any" }] }, "invalid_keyword thing/schema.json#/items/0/type"],
    ["too many members", { properties: wide }, "too_complex thing/schema.json#/properties"],
    ["too much to choose from", { enum: Object.keys(wide) }, "too_complex thing/schema.json#/enum"],
    ["nothing to choose", { enum: [] }, "invalid_keyword thing/schema.json#/enum"],
    ["a list for a definition", { definitions: { a: [] } }, "invalid_keyword thing/schema.json#/definitions"],
  ])("is refused for %s", (_fault, schema, problem) => {
    expect(problemsOf(schema)).toContain(problem);
  });

  it.each(["constructor", "common", "__proto__", "9", "a b"])("has no event type %s", (type) => {
    const read = readProject(new Map([[`${type}/schema.json`, "{}"]]));
    expect(read).toMatchObject({ ok: false });
  });

  it.each([
    ["con/schema.json", "con"],
    ["Nul.made/schema.json", "Nul.made"],
    ["thing/examples/com1.json", "thing/examples/com1.json"],
  ])("cannot have %s, which Windows would not write", (file, place) => {
    const read = readProject(
      new Map([
        ["thing/schema.json", "{}"],
        [file, "{}"],
      ]),
    );
    const problems = read.ok ? [] : read.problems.filter(({ code }) => code === "reserved_name");
    expect(problems.map((problem) => problem.file)).toEqual([place]);
  });

  it("survives hostile names, values and texts", async () => {
    const properties = Object.fromEntries(hostile.map((name) => [name, { type: "string", title: name }]));
    const schema: JsonObject = {
      title: "*/ `${evil()}` \u2028",
      description: hostile.join(""),
      type: "object",
      required: hostile,
      properties: { ...properties, kind: { enum: [...hostile, "kind"] } },
      examples: [hostile],
    };
    expect(problemsOf(schema)).toEqual([]);
    const files = await render({
      sources: new Map([["thing/schema.json", JSON.stringify(schema)]]),
      runtime: new Map(),
    });
    expect(files.get("closed.ts")).toContain("export const row_thing_v1");
    const { check } = compile(schema, "closed");
    const full = Object.fromEntries(hostile.map((name) => [name, "x"]));
    expect(check({ ...full, kind: hostile[0] })).toBe(true);
    for (const name of hostile) {
      const { [name]: _gone, ...rest } = full;
      expect(check(rest)).toBe(false);
      const issues = toIssues(check.errors as readonly ValidatorError[], rest, []);
      expect(issues.map(({ pointer }) => pointer)).toEqual([
        `/data/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      ]);
    }
  });

  it("tells branches apart by hostile tags", () => {
    const schema = { type: "object", oneOf: [...hostile, "x"].map(tagged) } as unknown as JsonObject;
    const { check } = compile(schema, "closed");
    for (const tag of hostile) expect(check({ constructor: tag })).toBe(true);
    expect(check({ constructor: "y" })).toBe(false);
    expect(check.errors).toHaveLength(1);
    expect(check({})).toBe(false);
  });

  it("is bundled in time, however many references it has", () => {
    const names = Array.from({ length: 4_000 }, (_, index) => `n${index}`);
    const $defs = Object.fromEntries(
      names.map((name, index) => [
        name,
        { properties: { a: { $ref: `#/$defs/n${(index * 7) % 4_000}` }, b: { $ref: "#/$defs/n1" } } },
      ]),
    );
    expect(bundleDocument({ items: { $ref: "#/$defs/n3" }, $defs }).ok).toBe(true);
  });
});
