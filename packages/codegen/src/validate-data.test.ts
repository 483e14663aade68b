import { describe, expect, it } from "vitest";
import { createValidateData } from "./validate-data.ts";

describe("createValidateData", () => {
  it.each([
    { schema: { type: "array", items: false }, data: [2], pointer: "/0" },
    { schema: { type: "object", properties: { a: false } }, data: { a: 1 }, pointer: "/a" },
  ])("names a value where nothing may stand: $schema", ({ schema, data, pointer }) => {
    for (const openness of ["closed", "open"] as const)
      expect(createValidateData(schema, openness)(data)).toMatchObject([
        { code: "value_not_allowed", pointer, keyword: "false schema" },
      ]);
  });
});
