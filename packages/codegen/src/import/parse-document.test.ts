import { describe, expect, it } from "vitest";
import { ContractsError } from "../problem.ts";
import { parseDocument } from "./parse-document.ts";

describe("parseDocument", () => {
  it("reads YAML and JSON, by the file's name", () => {
    expect(parseDocument("a: [1, 2026-01-01]", "a.YML")).toEqual({ a: [1, "2026-01-01"] });
    expect(parseDocument('{"a":1}', "a.json")).toEqual({ a: 1 });
  });

  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    .concat([..."bcdefghi"].map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]},`.repeat(9)}]`))
    .join("\n");

  it.each([
    ["a.json", "{", "invalid_json"],
    ["a.json", "a: 1", "invalid_json"],
    ["a.json", '{"a": 9007199254740993}', "number_not_exact"],
    ["a.yaml", "a: [", "invalid_yaml"],
    ["a.yaml", "a: 1\na: 2", "invalid_yaml"],
    ["a.yaml", "a: *nowhere", "invalid_yaml"],
    ["a.yaml", bomb, "invalid_yaml"],
    ["a.yaml", "[".repeat(500) + "]".repeat(500), "too_deep"],
    ["a.json", "[".repeat(100_000), "too_deep"],
    ["a.yaml", " ".repeat(20_000_001), "file_too_large"],
  ])("refuses %s with %.20j as %s", (file, text, code) => {
    const parse = () => parseDocument(text, file);
    expect(parse).toThrow(ContractsError);
    expect(parse).toThrow(`[${code}]`);
  });

  it("refuses an alias that leads back to itself, however it is told", () => {
    expect(() => parseDocument("a: &a\n  b: *a\n", "a.yaml")).toThrow(ContractsError);
  });
});
