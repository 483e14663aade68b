import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import type { Json, JsonObject } from "../json.ts";
import { compareContracts } from "./compare.ts";
import type { Comparison } from "./comparison.ts";

/** Two contracts and the truth about them: a payload that breaks a direction, or `ok`. */
interface ContractPair {
  readonly name: string;
  readonly older: JsonObject;
  readonly newer: JsonObject;
  /** `newer` writes, `older` reads; `{ breaks }` is a payload that shows it. */
  readonly subscriber: Truth;
  /** `older` writes, `newer` reads. */
  readonly replay: Truth;
  readonly bump: "none" | "patch" | "minor" | "major";
  /** Rules that the comparison must name, among others. */
  readonly rules: readonly string[];
}

/** `unproven`: in truth ok, but nobody could know without solving more than is worth it. */
type Truth = "ok" | "unproven" | { readonly breaks: Json };

const text: JsonObject = { type: "string" };
const whole: JsonObject = { type: "integer" };

function object(properties: JsonObject, required: readonly string[] = [], more: JsonObject = {}): JsonObject {
  return { type: "object", properties, ...(required.length > 0 ? { required } : {}), ...more };
}

/** An object of one optional member. */
function a(schema: JsonObject): JsonObject {
  return object({ a: schema });
}

function breaks(data: Json): Truth {
  return { breaks: data };
}

type Row = readonly [
  name: string,
  older: JsonObject,
  newer: JsonObject,
  truth: readonly [Truth, Truth, ContractPair["bump"]],
  ...rules: readonly string[],
];

const node = (more: JsonObject = {}): JsonObject =>
  object({ value: text, next: { $ref: "#/$defs/node" }, ...more });
const tagged = (kind: string, more: JsonObject = {}): JsonObject =>
  object({ kind: { const: kind }, ...more }, ["kind"]);
const union = (...branches: readonly JsonObject[]): JsonObject =>
  a({ oneOf: branches, discriminator: { propertyName: "kind" } });
const long = "a".repeat(6);

const rows: readonly Row[] = [
  ["equal", a(text), a(text), ["ok", "ok", "none"]],
  [
    "only the version",
    { ...a(text), "x-event": { version: "1.0.0" } },
    { ...a(text), "x-event": { version: "1.1.0" } },
    ["ok", "ok", "none"],
  ],
  ["description", a(text), a({ ...text, description: "New." }), ["ok", "ok", "patch"], "DESCRIPTION_CHANGED"],
  ["title", a(text), { ...a(text), title: "T" }, ["ok", "ok", "patch"], "TITLE_CHANGED"],
  ["examples", a(text), a({ ...text, examples: ["x"] }), ["ok", "ok", "patch"], "EXAMPLES_CHANGED"],
  [
    "default",
    a({ ...text, default: "x" }),
    a({ ...text, default: "y" }),
    ["ok", "ok", "patch"],
    "DEFAULT_CHANGED",
  ],
  ["deprecated", a(text), a({ ...text, deprecated: true }), ["ok", "ok", "minor"], "DEPRECATED_ADDED"],
  [
    "lifecycle forward",
    { ...a(text), "x-lifecycle": "stable" },
    { ...a(text), "x-lifecycle": "deprecated" },
    ["ok", "ok", "minor"],
    "LIFECYCLE_ADVANCED",
  ],
  [
    "sensitive added",
    a(text),
    a({ ...text, "x-sensitive": "pii" }),
    ["ok", "ok", "minor"],
    "SENSITIVE_ADDED",
  ],
  [
    "sensitive removed",
    a({ ...text, "x-sensitive": "pii" }),
    a(text),
    ["ok", "ok", "major"],
    "SENSITIVE_REMOVED",
  ],
  [
    "optional member added",
    a(text),
    object({ a: text, b: text }),
    ["ok", "ok", "minor"],
    "PROP_ADDED_OPTIONAL",
  ],
  [
    "optional member added, closed by hand",
    { ...a(text), additionalProperties: false },
    object({ a: text, b: text }, [], { additionalProperties: false }),
    ["ok", "ok", "minor"],
    "PROP_ADDED_OPTIONAL",
  ],
  [
    "optional member added beside any others",
    { ...a(text), additionalProperties: true },
    object({ a: text, b: text }, [], { additionalProperties: true }),
    ["ok", breaks({ b: 1 }), "major"],
    "PROP_ADDED_OPTIONAL",
  ],
  [
    "required member added",
    a(text),
    object({ a: text, b: text }, ["b"]),
    ["ok", breaks({}), "major"],
    "PROP_ADDED_REQUIRED",
  ],
  ["optional member removed", object({ a: text, b: text }), a(text), ["ok", "ok", "major"], "PROP_REMOVED"],
  [
    "required member removed",
    object({ a: text, b: text }, ["b"]),
    a(text),
    [breaks({}), "ok", "major"],
    "PROP_REMOVED",
  ],
  [
    "optional to required",
    a(text),
    object({ a: text }, ["a"]),
    ["ok", breaks({}), "major"],
    "REQUIRED_ADDED",
  ],
  [
    "required to optional",
    object({ a: text }, ["a"]),
    a(text),
    [breaks({}), "ok", "major"],
    "REQUIRED_REMOVED",
  ],
  [
    "renamed",
    object({ a: text }, ["a"]),
    object({ b: text }, ["b"]),
    [breaks({ b: "x" }), breaks({ a: "x" }), "major"],
    "PROP_REMOVED",
    "PROP_ADDED_REQUIRED",
  ],
  [
    "enum value added",
    a({ enum: ["x"] }),
    a({ enum: ["x", "y"] }),
    [breaks({ a: "y" }), "ok", "major"],
    "ENUM_VALUE_ADDED",
  ],
  [
    "enum value removed",
    a({ enum: ["x", "y"] }),
    a({ enum: ["x"] }),
    ["ok", breaks({ a: "y" }), "major"],
    "ENUM_VALUE_REMOVED",
  ],
  [
    "enum value added, open",
    a({ ...text, enum: ["x"], "x-open-enum": true }),
    a({ ...text, enum: ["x", "y"], "x-open-enum": true }),
    ["ok", "ok", "minor"],
    "ENUM_VALUE_ADDED",
  ],
  [
    "enum value removed, open",
    a({ ...text, enum: ["x", "y"], "x-open-enum": true }),
    a({ ...text, enum: ["x"], "x-open-enum": true }),
    ["ok", "ok", "minor"],
    "ENUM_VALUE_REMOVED",
  ],
  [
    "a limit that kept a listed value from being sent removed",
    a({ ...text, enum: ["x", "long"], maxLength: 1, format: "regex" }),
    a({ ...text, enum: ["x", "long"], format: "regex" }),
    [breaks({ a: "long" }), "ok", "major"],
    "ENUM_VALUE_ADDED",
  ],
  [
    "a limit that keeps no listed value from being sent removed",
    a({ ...text, enum: ["x", "y"], maxLength: 1 }),
    a({ ...text, enum: ["x", "y"] }),
    ["ok", "ok", "patch"],
  ],
  [
    "enum opened",
    a({ ...text, enum: ["x"] }),
    a({ ...text, enum: ["x"], "x-open-enum": true }),
    ["ok", "ok", "major"],
    "OPEN_ENUM_ON",
  ],
  [
    "enum closed",
    a({ ...text, enum: ["x"], "x-open-enum": true }),
    a({ ...text, enum: ["x"] }),
    ["ok", "ok", "minor"],
    "OPEN_ENUM_OFF",
  ],
  ["enum reordered", a({ enum: ["x", "y"] }), a({ enum: ["y", "x"] }), ["ok", "ok", "patch"]],
  [
    "enum to any text",
    a({ ...text, enum: ["x"] }),
    a(text),
    [breaks({ a: "y" }), "ok", "major"],
    "ENUM_REMOVED",
  ],
  [
    "any text to enum",
    a(text),
    a({ ...text, enum: ["x"] }),
    ["ok", breaks({ a: "y" }), "major"],
    "ENUM_ADDED",
  ],
  ["const to enum of one", a({ const: "x" }), a({ enum: ["x"] }), ["ok", "ok", "patch"]],
  [
    "const changed",
    a({ const: "x" }),
    a({ const: "y" }),
    [breaks({ a: "y" }), breaks({ a: "x" }), "major"],
    "CONST_CHANGED",
  ],
  [
    "const to union of consts",
    a({ enum: ["x", "y"] }),
    a({ oneOf: [{ const: "x" }, { const: "y" }] }),
    ["ok", "ok", "patch"],
  ],
  ["integer to number", a(whole), a({ type: "number" }), [breaks({ a: 0.5 }), "ok", "major"], "TYPE_WIDENED"],
  [
    "number to integer",
    a({ type: "number" }),
    a(whole),
    ["ok", breaks({ a: 0.5 }), "major"],
    "TYPE_NARROWED",
  ],
  ["text to integer", a(text), a(whole), [breaks({ a: 1 }), breaks({ a: "x" }), "major"], "TYPE_CHANGED"],
  [
    "null added",
    a(text),
    a({ type: ["string", "null"] }),
    [breaks({ a: null }), "ok", "major"],
    "NULLABLE_ADDED",
  ],
  [
    "null added by anyOf",
    a(whole),
    a({ anyOf: [whole, { type: "null" }] }),
    [breaks({ a: null }), "ok", "major"],
    "NULLABLE_ADDED",
  ],
  [
    "null removed",
    a({ type: ["string", "null"] }),
    a(text),
    ["ok", breaks({ a: null }), "major"],
    "NULLABLE_REMOVED",
  ],
  [
    "null spelt otherwise",
    a({ type: ["null", "string"] }),
    a({ oneOf: [{ type: "null" }, text] }),
    ["ok", "ok", "patch"],
  ],
  [
    "null to an enum",
    a({ enum: ["x"] }),
    a({ enum: ["x", null] }),
    [breaks({ a: null }), "ok", "major"],
    "NULLABLE_ADDED",
  ],
  [
    "longer texts",
    a({ ...text, maxLength: 5 }),
    a({ ...text, maxLength: 6 }),
    [breaks({ a: long }), "ok", "major"],
    "BOUND_LOOSENED",
  ],
  [
    "shorter texts",
    a({ ...text, maxLength: 6 }),
    a({ ...text, maxLength: 5 }),
    ["ok", breaks({ a: long }), "major"],
    "BOUND_TIGHTENED",
  ],
  ["minLength 0 said", a(text), a({ ...text, minLength: 0 }), ["ok", "ok", "patch"]],
  [
    "minimum lowered",
    a({ ...whole, minimum: 1 }),
    a({ ...whole, minimum: 0 }),
    [breaks({ a: 0 }), "ok", "major"],
    "BOUND_LOOSENED",
  ],
  [
    "maximum added",
    a(whole),
    a({ ...whole, maximum: 9 }),
    ["ok", breaks({ a: 10 }), "major"],
    "BOUND_TIGHTENED",
  ],
  [
    "exclusive bound of integers",
    a({ ...whole, exclusiveMinimum: 0 }),
    a({ ...whole, minimum: 1 }),
    ["ok", "ok", "patch"],
  ],
  [
    "exclusive bound of numbers",
    a({ type: "number", exclusiveMinimum: 0 }),
    a({ type: "number", minimum: 0 }),
    [breaks({ a: 0 }), "ok", "major"],
    "BOUND_LOOSENED",
  ],
  [
    "coarser steps",
    a({ ...whole, multipleOf: 5 }),
    a({ ...whole, multipleOf: 10 }),
    ["ok", breaks({ a: 5 }), "major"],
    "MULTIPLE_OF_CHANGED",
  ],
  [
    "more items",
    a({ type: "array", items: text, maxItems: 1 }),
    a({ type: "array", items: text, maxItems: 2 }),
    [breaks({ a: ["x", "x"] }), "ok", "major"],
    "BOUND_LOOSENED",
  ],
  [
    "items widened",
    a({ type: "array", items: whole }),
    a({ type: "array", items: { type: "number" } }),
    [breaks({ a: [0.5] }), "ok", "major"],
    "TYPE_WIDENED",
  ],
  [
    "unique no more",
    a({ type: "array", items: text, uniqueItems: true }),
    a({ type: "array", items: text }),
    [breaks({ a: ["x", "x"] }), "ok", "major"],
    "UNIQUE_ITEMS_REMOVED",
  ],
  [
    "tuple longer",
    a({ type: "array", prefixItems: [text], items: false }),
    a({ type: "array", prefixItems: [text, text], items: false }),
    [breaks({ a: ["x", "x"] }), "ok", "major"],
    "BOUND_LOOSENED",
  ],
  [
    "tuple place changed",
    a({ type: "array", prefixItems: [text, whole] }),
    a({ type: "array", prefixItems: [text, text] }),
    [breaks({ a: ["x", "x"] }), breaks({ a: ["x", 1] }), "major"],
    "TYPE_CHANGED",
  ],
  [
    "contains added",
    a({ type: "array", items: text }),
    a({ type: "array", items: text, contains: { const: "x" } }),
    ["ok", breaks({ a: [] }), "major"],
    "CONSTRAINT_ADDED",
  ],
  [
    "minContains raised",
    a({ type: "array", contains: { const: "x" } }),
    a({ type: "array", contains: { const: "x" }, minContains: 2 }),
    ["ok", breaks({ a: ["x"] }), "major"],
    "CONSTRAINT_CHANGED",
  ],
  [
    "pattern removed",
    a({ ...text, pattern: "^x", maxLength: 9 }),
    a({ ...text, maxLength: 9 }),
    [breaks({ a: "a" }), "ok", "major"],
    "PATTERN_REMOVED",
  ],
  [
    "pattern added",
    a({ ...text, maxLength: 9 }),
    a({ ...text, pattern: "^x", maxLength: 9 }),
    ["ok", breaks({ a: "a" }), "major"],
    "PATTERN_ADDED",
  ],
  [
    "pattern changed",
    a({ ...text, pattern: "^x$", maxLength: 9, examples: ["x"] }),
    a({ ...text, pattern: "^y$", maxLength: 9, examples: ["y"] }),
    [breaks({ a: "y" }), breaks({ a: "x" }), "major"],
    "PATTERN_CHANGED",
  ],
  [
    "format added",
    a(text),
    a({ ...text, format: "date-time" }),
    ["ok", breaks({ a: "x" }), "major"],
    "FORMAT_ADDED",
  ],
  [
    "format removed",
    a({ ...text, format: "uuid" }),
    a(text),
    [breaks({ a: "x" }), "ok", "major"],
    "FORMAT_REMOVED",
  ],
  [
    "format changed",
    a({ ...text, format: "date" }),
    a({ ...text, format: "date-time" }),
    [breaks({ a: "2026-01-01T00:00:00Z" }), breaks({ a: "2026-01-01" }), "major"],
    "FORMAT_CHANGED",
  ],
  [
    "branch added",
    union(tagged("x"), tagged("y")),
    union(tagged("x"), tagged("y"), tagged("z")),
    [breaks({ a: { kind: "z" } }), "ok", "major"],
    "UNION_BRANCH_ADDED",
  ],
  [
    "branch removed",
    union(tagged("x"), tagged("y"), tagged("z")),
    union(tagged("x"), tagged("y")),
    ["ok", breaks({ a: { kind: "z" } }), "major"],
    "UNION_BRANCH_REMOVED",
  ],
  [
    "member added in a branch",
    union(tagged("x"), tagged("y")),
    union(tagged("x"), tagged("y", { b: text })),
    ["ok", "ok", "minor"],
    "PROP_ADDED_OPTIONAL",
  ],
  [
    "member changed in a branch",
    union(tagged("x"), tagged("y", { b: text })),
    union(tagged("x"), tagged("y", { b: whole })),
    [breaks({ a: { kind: "y", b: 1 } }), breaks({ a: { kind: "y", b: "x" } }), "major"],
    "TYPE_CHANGED",
  ],
  [
    "branches reordered",
    union(tagged("x"), tagged("y")),
    union(tagged("y"), tagged("x")),
    ["ok", "ok", "patch"],
  ],
  [
    "text to text or integer",
    a(text),
    a({ anyOf: [text, whole] }),
    [breaks({ a: 1 }), "ok", "major"],
    "TYPE_WIDENED",
  ],
  ["types or union", a({ type: ["string", "integer"] }), a({ anyOf: [text, whole] }), ["ok", "ok", "patch"]],
  [
    "object becomes a union",
    a(tagged("x")),
    union(tagged("x"), tagged("y")),
    [breaks({ a: { kind: "y" } }), "ok", "major"],
    "UNION_BRANCH_ADDED",
  ],
  [
    "allOf split",
    object({ a: text, b: text }),
    { allOf: [a(text), object({ b: text })] },
    ["ok", "ok", "patch"],
  ],
  [
    "reference made",
    object({ a: a(text) }),
    { ...object({ a: { $ref: "#/$defs/x" } }), $defs: { x: a(text) } },
    ["ok", "ok", "patch"],
  ],
  [
    "definition renamed",
    { ...object({ a: { $ref: "#/$defs/x" } }), $defs: { x: a(text) } },
    { ...object({ a: { $ref: "#/$defs/y" } }), $defs: { y: a(text) } },
    ["ok", "ok", "patch"],
  ],
  [
    "recursive, unrolled",
    { $ref: "#/$defs/node", $defs: { node: node() } },
    { ...node(), $defs: { node: node() } },
    ["ok", "ok", "patch"],
  ],
  [
    "recursive, member added",
    { $ref: "#/$defs/node", $defs: { node: node() } },
    { $ref: "#/$defs/node", $defs: { node: node({ b: text }) } },
    ["ok", "ok", "minor"],
    "PROP_ADDED_OPTIONAL",
  ],
  [
    "recursive, member changed",
    { $ref: "#/$defs/node", $defs: { node: node({ b: text }) } },
    { $ref: "#/$defs/node", $defs: { node: node({ b: whole }) } },
    [breaks({ next: { b: 1 } }), breaks({ b: "x" }), "major"],
    "TYPE_CHANGED",
  ],
  [
    "map widened",
    a({ type: "object", additionalProperties: text }),
    a({ type: "object", additionalProperties: { type: ["string", "integer"] } }),
    [breaks({ a: { b: 1 } }), "ok", "major"],
    "TYPE_WIDENED",
  ],
  [
    "map given a named member",
    a({ type: "object", additionalProperties: text }),
    a(object({ b: whole }, [], { additionalProperties: text })),
    [breaks({ a: { b: 1 } }), breaks({ a: { b: "x" } }), "major"],
    "PROP_ADDED_OPTIONAL",
  ],
  [
    "closed object opened to any",
    { ...a(text), additionalProperties: false },
    { ...a(text), additionalProperties: true },
    ["ok", "ok", "minor"],
    "ADDITIONAL_OPENED",
  ],
  [
    "pattern members added",
    a(object({}, [], { additionalProperties: false })),
    a(object({}, [], { additionalProperties: false, patternProperties: { "^x": text } })),
    ["ok", "ok", "minor"],
    "PATTERN_MEMBERS_ADDED",
  ],
  [
    "pattern members changed",
    a({ type: "object", patternProperties: { "^x": text } }),
    a({ type: "object", patternProperties: { "^x": whole } }),
    [breaks({ a: { x: 1 } }), breaks({ a: { x: "x" } }), "major"],
    "TYPE_CHANGED",
  ],
  [
    "not added",
    a(text),
    a({ ...text, not: { const: "x" } }),
    ["ok", breaks({ a: "x" }), "major"],
    "CONSTRAINT_ADDED",
  ],
  [
    "not widened",
    a({ ...text, not: { enum: ["x", "y"] } }),
    a({ ...text, not: { const: "x" } }),
    [breaks({ a: "y" }), "ok", "major"],
    "CONSTRAINT_CHANGED",
  ],
  [
    "condition added",
    object({ a: text, b: text }),
    object({ a: text, b: text }, [], { if: { not: { required: ["a"] } }, else: { required: ["b"] } }),
    ["ok", breaks({ a: "x" }), "major"],
    "CONSTRAINT_ADDED",
  ],
  [
    "dependent member",
    object({ a: text, b: text }, [], { dependentRequired: { a: ["b"] } }),
    object({ a: text, b: text }),
    [breaks({ a: "x" }), "ok", "major"],
    "CONSTRAINT_REMOVED",
  ],
  [
    "fewer members demanded",
    object({ a: text, b: text }, [], { minProperties: 1 }),
    object({ a: text, b: text }),
    [breaks({}), "ok", "major"],
    "BOUND_LOOSENED",
  ],
  [
    "more members allowed",
    a({ type: "object", additionalProperties: text, maxProperties: 1 }),
    a({ type: "object", additionalProperties: text, maxProperties: 2 }),
    ["ok", "ok", "minor"],
    "BOUND_LOOSENED",
  ],
  [
    "unstable",
    { ...a(text), "x-lifecycle": "beta" },
    { ...a(whole), "x-lifecycle": "beta" },
    [breaks({ a: 1 }), breaks({ a: "x" }), "minor"],
    "TYPE_CHANGED",
  ],
];

const contractPairs: readonly ContractPair[] = rows.map(
  ([name, older, newer, [subscriber, replay, bump], ...rules]) => ({
    name,
    older,
    newer,
    subscriber,
    replay,
    bump,
    rules,
  }),
);

function verdictOf(truth: ContractPair["subscriber"]): "ok" | "breaking" {
  return truth === "ok" ? "ok" : "breaking";
}

describe.each(contractPairs)(
  "compareContracts: $name",
  ({ older, newer, subscriber, replay, bump, rules }) => {
    const comparison = compareContracts(older, newer);

    it("has a truth that payloads bear out", () => {
      for (const [truth, writer, reader] of [
        [subscriber, newer, older] as const,
        [replay, older, newer] as const,
      ])
        if (typeof truth === "object") {
          expect(compile(writer, "closed").check(truth.breaks)).toBe(true);
          expect(compile(reader, "open").check(truth.breaks)).toBe(false);
        }
    });

    it("tells the truth", () => {
      const { subscriber: sent, replay: replayed, bump: found } = comparison;
      expect({ sent, replayed, found }).toEqual({
        sent: verdictOf(subscriber),
        replayed: verdictOf(replay),
        found: bump,
      });
      expect(comparison.changes.map(({ rule }) => rule)).toEqual(expect.arrayContaining([...rules]));
    });

    it("proves each break by a payload", () => {
      for (const change of comparison.changes) {
        const isBreaking = change.subscriber === "breaking" || change.replay === "breaking";
        const isKnown = subscriber !== "unproven" && replay !== "unproven";
        expect([change.rule, change.proof]).toEqual([
          change.rule,
          isBreaking ? (isKnown ? "counterexample" : "unproven") : "none",
        ]);
        if (change.counterexample === undefined) continue;
        const isSent = change.counterexample.direction === "subscriber";
        expect(compile(isSent ? newer : older, "closed").check(change.counterexample.data)).toBe(true);
        expect(compile(isSent ? older : newer, "open").check(change.counterexample.data)).toBe(false);
      }
    });

    it("is just as right the other way round", () => {
      const back: Comparison = compareContracts(newer, older);
      expect([back.subscriber, back.replay]).toEqual([verdictOf(replay), verdictOf(subscriber)]);
    });
  },
);

function opened(schema: JsonObject): JsonObject {
  return a({ ...(schema["properties"] as { a: JsonObject }).a, "x-open-union": true });
}

function using(schema: JsonObject): JsonObject {
  return {
    ...object({ one: { $ref: "#/$defs/money" }, two: { type: "array", items: { $ref: "#/$defs/money" } } }),
    $defs: { money: a(schema) },
  };
}

function loop(schema: JsonObject): JsonObject {
  return {
    anyOf: [{ $ref: "#" }, { $ref: "#/$defs/x" }, { allOf: [{ $ref: "#/$defs/x" }, { $ref: "#/$defs/x" }] }],
    $defs: { x: { anyOf: [{ $ref: "#/$defs/x" }, a({ ...schema, not: { $ref: "#/$defs/x" } })] } },
  };
}

describe("compareContracts", () => {
  it("knows that members beside a union may come from any of its branches", () => {
    const older = object({ a: text }, [], {
      anyOf: [object({ b: text }, ["b"]), object({ c: text }, ["c"])],
    });
    const newer = object({ a: text, b: whole }, [], {
      anyOf: [object({ c: text }, ["c"]), object({ d: text }, ["d"])],
    });
    const { changes, subscriber, replay } = compareContracts(older, newer);
    expect([subscriber, replay]).toEqual(["breaking", "breaking"]);
    expect(changes).toContainEqual(
      expect.objectContaining({
        rule: "TYPE_CHANGED",
        pointer: "/properties/b/type",
        proof: "counterexample",
      }),
    );
  });

  it("lets an open union have new branches, and no closed one", () => {
    const older = union(tagged("x"), tagged("y"));
    const newer = union(tagged("x"), tagged("y"), tagged("z"));
    const { subscriber, replay, bump } = compareContracts(opened(older), opened(newer));
    expect([subscriber, replay, bump]).toEqual(["ok", "ok", "minor"]);
    expect(compareContracts(older, opened(newer)).subscriber).toBe("breaking");
  });

  it("takes a change of an unknown keyword for breaking", () => {
    const { subscriber, replay, changes } = compareContracts(
      a({ ...text, sorted: true }),
      a({ ...text, sorted: false }),
    );
    expect([subscriber, replay]).toEqual(["breaking", "breaking"]);
    expect(changes).toMatchObject([
      { rule: "UNKNOWN_KEYWORD_CHANGED", pointer: "/properties/a/sorted", proof: "unproven" },
    ]);
  });

  it("does not trust a keyword for all that is left once anything beside it changed", () => {
    const left = { unevaluatedProperties: text };
    const { subscriber } = compareContracts(
      { ...a(text), ...left },
      { ...object({ a: text, b: whole }), ...left },
    );
    expect(subscriber).toBe("breaking");
  });

  it("tells of a definition used twice once, at the first place, stepping through references", () => {
    expect(compareContracts(using(text), using(whole)).changes).toMatchObject([
      {
        rule: "TYPE_CHANGED",
        pointer: "/properties/one/properties/a/type",
        message: expect.stringContaining("one.a was string"),
      },
    ]);
  });

  it("ends on contracts that contain themselves in every way", () => {
    expect(compareContracts(loop(text), loop(text)).changes).toEqual([]);
    expect(compareContracts(loop(text), loop(whole)).subscriber).toBe("breaking");
  });
});
