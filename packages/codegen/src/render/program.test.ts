import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { reachable, readProgram } from "./program.ts";
import { compilePool, standaloneCode } from "./standalone.ts";

const programOf = (schemas: Readonly<Record<string, JsonObject>>) => {
  const pool = { schemas: new Map(Object.entries(schemas)), entries: new Map() };
  return readProgram(standaloneCode(compilePool(pool, "closed")));
};

const many = Object.fromEntries([..."abcdefghi"].map((name) => [name, {}]));
const money: JsonObject = {
  type: "object",
  properties: { amount: { type: "string", pattern: "^[0-9]+$" }, unit: { enum: [{ a: 1 }, "x"] }, ...many },
  additionalProperties: false,
};

describe("readProgram", () => {
  it("gives a function for each schema, and what it needs", () => {
    const program = programOf({ money, price: { type: "array", items: { $ref: "money" } } });
    expect(program.get("check_price")?.uses).toEqual(new Set(["check_money"]));
    const { uses = new Set<string>(), imports } = program.get("check_money") ?? {};
    expect([...uses].map((name) => name.replace(/_.*/, "")).toSorted()).toEqual([
      "names",
      "pattern",
      "values",
    ]);
    expect(imports).toEqual(new Set(["isEqual"]));
  });

  it("calls equal constants by one name", () => {
    const text: JsonObject = { type: "string", pattern: "^a$" };
    const program = programOf({ one: { ...text, minLength: 1 }, two: { ...text, minLength: 2 } });
    expect([...program.keys()].filter((name) => name.startsWith("pattern_"))).toHaveLength(1);
  });

  it("leaves out places in the schema and parents of values", () => {
    const program = programOf({ money, price: { type: "array", items: { $ref: "money" } } });
    for (const { value } of program.values())
      expect(value).not.toMatch(/schemaPath|parentData|rootData|require/);
  });

  it("reads functions that call each other", () => {
    const program = programOf({
      tree: { type: "object", properties: { leaf: { $ref: "leaf" } } },
      leaf: { type: "object", properties: { tree: { $ref: "tree" } } },
    });
    expect(program.get("check_tree")?.uses).toEqual(new Set(["check_leaf"]));
    expect(program.get("check_leaf")?.uses).toEqual(new Set(["check_tree"]));
  });

  it("keeps what a schema has looked at where another asks for it", () => {
    const base: JsonObject = { type: "object", properties: { next: { $ref: "wide" } } };
    const wide: JsonObject = { $ref: "base", properties: { own: true }, unevaluatedProperties: false };
    const ajv = new Ajv2020({
      inlineRefs: false,
      strictTypes: false,
      messages: false,
      code: { source: true, esm: true },
    });
    ajv.addSchema(base, "base").addSchema(wide, "wide");
    const plain = ajv.getSchema("wide");
    const program = readProgram(standalone.default(ajv, { base: "base", wide: "wide" }));
    for (const data of [{}, { own: 1 }, { next: { own: 1 } }, { next: { odd: 1 } }, { odd: 1 }])
      expect(run(program, "check_wide")(data)).toBe(plain?.(data));
  });
});

describe("reachable", () => {
  it("keeps what the given functions need, and drops what nobody does", () => {
    const program = programOf({
      a: { type: "array", items: { $ref: "money" } },
      b: { type: "object", additionalProperties: { $ref: "money" } },
      money,
      lonely: { type: "string", pattern: "^z$" },
    });
    const units = reachable(program, ["check_a", "check_b"]);
    expect(units.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["check_a", "check_b", "check_money"]),
    );
    expect(units.map(({ value }) => value).join("")).not.toContain("^z$");
  });
});

/** Runs one function of a program, with what it imports in reach. */
function run(program: ReturnType<typeof readProgram>, name: string): (data: unknown) => boolean {
  const code = [...program.values()].map((unit) => `const ${unit.name} = ${unit.value};`);
  return new Function(`${code.join("\n")} return ${name};`)() as (data: unknown) => boolean;
}
