import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import type { JsonObject } from "../json.ts";
import { toIssues } from "../runtime/issue.ts";
import { ownContracts } from "../test-support/own-contracts.ts";
import { createSamples } from "./samples.ts";

const issuesOf = (schema: JsonObject, data: unknown) => {
  const { check } = compile(schema, "closed");
  return check(data) ? [] : toIssues((check.errors ?? []) as Parameters<typeof toIssues>[0], data, []);
};

describe.each(ownContracts)("the mutants of $name", ({ schema }) => {
  const mutants = createSamples(schema).mutants();

  it("each give the one issue they expect, and pass or not when open as they say", () => {
    const open = compile(schema, "open").check;
    for (const { name, data, expect: expected, open: verdict } of mutants) {
      const issues = issuesOf(schema, data).map(({ pointer, keyword, code }) => ({
        pointer: pointer.replace(/^\/data/, ""),
        keyword,
        code,
      }));
      expect([name, issues]).toEqual([name, [expected]]);
      expect(open(data) ? "accepts" : "refuses").toBe(verdict);
    }
  });

  it("leave out each required member of the payload, and add to each object", () => {
    const names = new Set(mutants.map(({ name }) => name));
    for (const member of schema["required"] as readonly string[])
      expect(names).toContain(`/${member} missing`);
    expect(names).toContain("/unknown_member unknown");
    expect(mutants.find(({ name }) => name === "/unknown_member unknown")?.open).toBe("accepts");
  });
});

const door: JsonObject = {
  type: "object",
  required: ["id"],
  properties: {
    id: { type: "string", pattern: "^d_[a-z]{1,5}$", maxLength: 7 },
    opened: { type: "string", format: "date-time" },
    by: { enum: ["key", "code"] },
    kind: { type: "string", enum: ["front"], "x-open-enum": true },
    times: { type: "integer", minimum: 1, maximum: 9 },
    weight: { type: "number", exclusiveMinimum: 0 },
    tags: {
      type: "array",
      items: { type: "string", minLength: 1 },
      maxItems: 2,
      minItems: 1,
      uniqueItems: true,
    },
    next: { anyOf: [{ type: "object", properties: { id: { type: "string" } } }, { type: "null" }] },
    map: { type: "object", additionalProperties: { type: "boolean" }, minProperties: 1, maxProperties: 2 },
  },
};

describe("mutants", () => {
  it("have every fault a contract can have", () => {
    const mutants = createSamples(door).mutants();
    const faults = mutants.map(
      ({ name, expect: { keyword, pointer }, open }) => `${name}: ${keyword} ${pointer} ${open}`,
    );
    expect(faults).toMatchInlineSnapshot(`
      [
        "a string: type  refuses",
        "null: type  refuses",
        "/id missing: required /id refuses",
        "/unknown_member unknown: additionalProperties /unknown_member accepts",
        "/id an integer: type /id refuses",
        "/id null: type /id refuses",
        "/id beyond maxLength: maxLength /id refuses",
        "/id nearly of the pattern: pattern /id refuses",
        "/opened an integer: type /opened refuses",
        "/opened null: type /opened refuses",
        "/opened nearly of the format: format /opened refuses",
        "/by an integer: enum /by refuses",
        "/by null: enum /by refuses",
        "/by next to a known value: enum /by refuses",
        "/kind an integer: type /kind refuses",
        "/kind null: type /kind refuses",
        "/kind next to a known value: enum /kind accepts",
        "/times a string: type /times refuses",
        "/times null: type /times refuses",
        "/times no whole number: type /times refuses",
        "/times beyond minimum: minimum /times refuses",
        "/times beyond maximum: maximum /times refuses",
        "/weight a string: type /weight refuses",
        "/weight null: type /weight refuses",
        "/weight beyond exclusiveMinimum: exclusiveMinimum /weight refuses",
        "/tags a string: type /tags refuses",
        "/tags null: type /tags refuses",
        "/tags beyond minItems: minItems /tags refuses",
        "/tags beyond maxItems: maxItems /tags refuses",
        "/tags with the same item twice: uniqueItems /tags refuses",
        "/next a string: type /next refuses",
        "/next/unknown_member unknown: additionalProperties /next/unknown_member accepts",
        "/map a string: type /map refuses",
        "/map null: type /map refuses",
        "/map beyond minProperties: minProperties /map refuses",
        "/map beyond maxProperties: maxProperties /map accepts",
        "/tags/0 an integer: type /tags/0 refuses",
        "/tags/0 null: type /tags/0 refuses",
        "/tags/0 beyond minLength: minLength /tags/0 refuses",
        "/next/id an integer: type /next/id refuses",
        "/next/id null: type /next/id refuses",
        "/map/extra_1 a string: type /map/extra_1 refuses",
        "/map/extra_1 null: type /map/extra_1 refuses",
      ]
    `);
  });
});
