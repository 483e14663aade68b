import { describe, expect, it } from "vitest";
import { combineSchemas } from "./combine-schemas.ts";
import { importSchema } from "./import-schema.ts";

const node = (type: string) => ({
  type: "object",
  properties: { next: { $ref: "#" }, value: { $ref: "#/$defs/value" } },
  $defs: { value: { type } },
});

describe("combineSchemas", () => {
  it("keeps the definitions of each schema its own", () => {
    const { sources } = importSchema(combineSchemas({ "a.made": node("string"), "b/made": node("number") }), {
      package: "x",
      source: "x",
    });
    const value = (type: string) => JSON.parse(sources.get(`${type}/schema.json`) ?? "null").$defs;
    expect(value("a.made")).toMatchObject({ a_made_value: { type: "string" } });
    expect(value("b.made")).toMatchObject({ b_made_value: { type: "number" } });
  });
});
