import { describe, expect, it } from "vitest";
import { toIssues } from "./issue.ts";
import type { ValidatorError } from "./row.ts";

const error = (keyword: string, instancePath: string, params = {}): ValidatorError => ({
  keyword,
  instancePath,
  params,
});

describe("toIssues", () => {
  it("points at a missing or unknown member itself, escaped as RFC 6901 asks", () => {
    const errors = [
      error("required", "/object", { missingProperty: "id" }),
      error("additionalProperties", "", { additionalProperty: "a/b~c" }),
    ];
    expect(toIssues(errors, { object: {}, "a/b~c": 1 }, []).map(({ pointer }) => pointer)).toEqual([
      "/data/object/id",
      "/data/a~1b~0c",
    ]);
  });

  it("gives one issue for each member, and prefers that its type is wrong", () => {
    const errors = [
      error("enum", "/a", { allowedValues: ["x"] }),
      error("type", "/a", { type: "string" }),
      error("maxLength", "/b", { limit: 1 }),
      error("pattern", "/b", { pattern: "^x$" }),
    ];
    expect(toIssues(errors, { a: 5, b: "long" }, []).map(({ keyword }) => keyword)).toEqual([
      "type",
      "maxLength",
    ]);
  });

  it("leaves out what only repeats the fault of a branch", () => {
    expect(toIssues([error("if", "/a", { failingKeyword: "else" })], { a: 1 }, [])).toEqual([]);
  });

  it.each([
    ["string", '"x"', 'string "x"'],
    ["text of a kilobyte", JSON.stringify("x".repeat(1_000)), `string "${"x".repeat(60)}…"`],
    ["number", "-1.5", "number -1.5"],
    ["boolean", "true", "boolean true"],
    ["null", "null", "null"],
    ["list", "[1,2]", "an array of 2"],
    ["object", '{"secret":1}', "an object"],
  ])("describes a %s", (_kind, json, received) => {
    const data = { a: JSON.parse(json) as unknown };
    expect(toIssues([error("type", "/a", { type: "x" })], data, [])[0]?.received).toBe(received);
  });

  it.each([
    ["/a", "the value itself"],
    ["/a/b", "what lies in it"],
    ["", "what lies around it"],
    ["/*", "any key"],
  ])("hides a value when %j is sensitive: %s", (pattern) => {
    const [issue] = toIssues([error("type", "/a", { type: "object" })], { a: "hunter2" }, [pattern]);
    expect(issue?.received).toBe("a string (not shown)");
    expect(JSON.stringify(issue)).not.toContain("hunter2");
  });

  it("lists at most twenty values of an enum", () => {
    const allowedValues = Array.from({ length: 25 }, (_, index) => index);
    const [issue] = toIssues([error("enum", "/a", { allowedValues })], { a: 99 }, []);
    expect(issue?.expected).toMatch(/^one of 0, 1, .*, 19 and 5 more$/);
  });

  it("shows a value beside a sensitive one", () => {
    expect(toIssues([error("type", "/a", { type: "x" })], { a: "ok" }, ["/b"])[0]?.received).toBe(
      'string "ok"',
    );
  });

  it("finds inherited members as little as JSON does", () => {
    const errors = [error("required", "", { missingProperty: "constructor" })];
    expect(toIssues(errors, {}, [])[0]?.received).toBe("nothing");
  });
});
