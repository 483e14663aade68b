import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import type { JsonObject } from "../json.ts";
import { toIssues } from "../runtime/issue.ts";
import type { ValidatorError } from "../runtime/row.ts";
import { mapSchema } from "../schema.ts";
import { tracked } from "./tracked.ts";
import { randomData, randomSchema } from "../test-support/random-schema.ts";

const ajv = new Ajv2020({ strict: false, meta: false, validateSchema: false });
const samples = fc.array(randomData, { minLength: 40, maxLength: 40 });

function withAnyOf(schema: JsonObject): JsonObject {
  return mapSchema(schema, ({ oneOf, ...inner }) =>
    oneOf === undefined
      ? inner
      : { ...inner, allOf: [...((inner["allOf"] ?? []) as JsonObject[]), { anyOf: oneOf }] },
  );
}

describe("validators of any schema", () => {
  it("agree with plain ajv where objects say themselves whether they are closed", () => {
    let accepted = 0;
    fc.assert(
      fc.property(randomSchema({ explicit: true }), samples, (schema, values) => {
        const plain = ajv.compile(schema);
        const { check } = compile(schema, "closed");
        for (const value of values) {
          expect(check(value)).toBe(plain(value));
          if (check(value)) accepted++;
        }
      }),
      { seed: 11, numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });

  it("accept as consumers whatever they accept as producers, and that only what the schema describes", () => {
    let accepted = 0;
    fc.assert(
      fc.property(randomSchema({ explicit: false }), samples, (schema, values) => {
        const plain = ajv.compile(tracked(withAnyOf(schema)));
        const closed = compile(schema, "closed").check;
        const open = compile(schema, "open").check;
        for (const value of values) {
          if (!closed(value)) continue;
          accepted++;
          expect([plain(value), open(value)]).toEqual([true, true]);
        }
      }),
      { seed: 12, numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });

  it("say what is wrong with everything they refuse", () => {
    fc.assert(
      fc.property(randomSchema({ explicit: false }), samples, (schema, values) => {
        const { check } = compile(schema, "closed");
        for (const value of values)
          if (!check(value))
            expect(toIssues(check.errors as readonly ValidatorError[], value, []).length).toBeGreaterThan(0);
      }),
      { seed: 13, numRuns: 200 },
    );
  });
});
