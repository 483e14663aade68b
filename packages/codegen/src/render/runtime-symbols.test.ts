import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formats } from "../formats.ts";
import { formatSymbol, runtimeSymbols } from "./runtime-symbols.ts";

describe("runtimeSymbols", () => {
  it("knows the function of every format", () => {
    for (const [format, check] of Object.entries(formats)) {
      expect(check.name).toBe(formatSymbol(format));
      expect(runtimeSymbols.has(check.name)).toBe(true);
    }
  });

  it.each([...runtimeSymbols])("finds %s in %s.ts", (symbol, file) => {
    const text = readFileSync(new URL(`../runtime/${file}.ts`, import.meta.url), "utf8");
    expect(text).toContain(`export function ${symbol}(`);
  });
});
