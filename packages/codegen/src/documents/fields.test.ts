import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { hostileText, ownCatalog } from "../test-support/catalogs.ts";
import { fieldsOf } from "./fields.ts";

const object = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  ...rest,
});
const limitsOf = (member: JsonObject) => fieldsOf(object({ member })).list[0]?.limits;
const next = (index: number) => ({ $ref: `#/$defs/d${index + 1}` });
const pathsOf = (schema: JsonObject) => fieldsOf(schema).list.map(({ path }) => path);

describe("fieldsOf", () => {
  it("lists members of objects, arrays and maps by their path", () => {
    const item = object({ count: { type: "integer" } });
    const schema = object({
      list: { type: "array", items: { type: "array", items: item } },
      map: { type: "object", additionalProperties: item },
    });
    expect(pathsOf(schema)).toEqual(["list", "list[][].count", "map", "map.*", "map.*.count"]);
    expect(fieldsOf(schema).list[0]?.type).toBe("array of array of object");
  });

  it("tells what is required, nullable, bounded, deprecated and sensitive", () => {
    const schema = object(
      {
        email: {
          type: ["string", "null"],
          format: "email",
          maxLength: 9,
          deprecated: true,
          "x-sensitive": "pii",
          "x-redact": "hash",
          "x-feature-flag": ["beta"],
        },
        other: { anyOf: [{ $ref: "#/$defs/part" }, { type: "null" }], description: "Here." },
      },
      { required: ["email"], $defs: { part: object({ a: { const: 1 } }, { description: "There." }) } },
    );
    const [email, other, a] = fieldsOf(schema).list;
    expect(email).toMatchObject({
      type: "string",
      isRequired: true,
      isNullable: true,
      isDeprecated: true,
      limits: ["email", "at most 9 characters"],
      pattern: undefined,
      sensitive: "pii",
      featureFlags: ["beta"],
    });
    expect(other).toMatchObject({
      type: "object",
      isNullable: true,
      isRequired: false,
      description: "Here.",
    });
    expect(a).toMatchObject({ path: "other.a", type: "number", values: [1] });
  });

  it("tells bounds in words, and not those that only keep integers exact", () => {
    expect(limitsOf({ type: "integer", minimum: 0, maximum: 1_000_000 })).toEqual(["0 to 1,000,000"]);
    expect(limitsOf({ type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER })).toEqual([
      "at least 1",
    ]);
    expect(limitsOf({ type: "string", minLength: 3, maxLength: 3 })).toEqual(["exactly 3 characters"]);
    expect(limitsOf({ type: "array", items: {}, uniqueItems: true, maxItems: 9 })).toEqual([
      "at most 9 items",
      "no item twice",
    ]);
  });

  it("says under which condition a member of a union is there", async () => {
    const catalog = await ownCatalog();
    const attached = catalog.events.find(({ type }) => type === "payment_method.attached")!;
    const { list } = fieldsOf(attached.versions[0].schema);
    expect(list.find(({ path }) => path.endsWith(".brand"))?.condition).toBe('kind is "card"');
    const tags = list.filter(({ path }) => path.endsWith(".kind"));
    expect(tags).toMatchObject([{ values: ["card", "bank_account", "wallet"], condition: undefined }]);
  });

  it("lists the members of a definition once", () => {
    const money = object({ amount: { type: "integer" } });
    const schema = object(
      { totals: { type: "array", items: { $ref: "#/$defs/money" } }, rest: { $ref: "#/$defs/money" } },
      { $defs: { money } },
    );
    expect(fieldsOf(schema).list.map(({ path, sameAs }) => [path, sameAs])).toEqual([
      ["totals", undefined],
      ["totals[].amount", undefined],
      ["rest", "totals"],
    ]);
  });

  it("joins the parts of an allOf", () => {
    const parts = [{ $ref: "#/$defs/base" }, object({ b: { type: "string" } }, { required: ["b"] })];
    const schema = { allOf: parts, $defs: { base: object({ a: { type: "string" } }, { required: ["a"] }) } };
    expect(fieldsOf(schema).list.map(({ path, isRequired }) => [path, isRequired])).toEqual([
      ["a", true],
      ["b", true],
    ]);
  });

  const round = { $ref: "#/$defs/round" };
  const roundDefinitions: readonly (readonly [string, JsonObject])[] = [
    ["a reference", round],
    ["an allOf", { allOf: [round, round, object({ a: round })] }],
    ["a union", { oneOf: [round, round, object({ a: { anyOf: [round, { type: "string" }] } })] }],
    ["items", { type: "array", items: round }],
    ["members", object({ a: { oneOf: [round, object({ b: round })] } })],
  ];
  it.each(roundDefinitions)("ends where %s leads round", (_title, definition) => {
    const schema = object(
      { start: round, again: { oneOf: [round, round] } },
      { $defs: { round: definition } },
    );
    const { list } = fieldsOf(schema);
    expect(list.length).toBeGreaterThan(1);
    expect(list.length).toBeLessThan(40_000);
  });

  it("ends where combinations multiply, and says that it is not all", () => {
    const names = Array.from({ length: 30 }, (_, index) => `d${index}`);
    const definitions = Object.fromEntries(
      names.map((name, index) => [
        name,
        object({ a: { oneOf: [next(index), next(index)] }, b: { oneOf: [next(index), next(index)] } }),
      ]),
    );
    const { isWhole } = fieldsOf(
      object({ start: { oneOf: [next(-1)] } }, { $defs: { ...definitions, d30: {} } }),
    );
    expect(isWhole).toBe(false);
  });

  it("takes any name of a member", () => {
    expect(pathsOf(object({ [hostileText]: { type: "string" }, __proto__x: {} }))).toContain(hostileText);
  });
});
