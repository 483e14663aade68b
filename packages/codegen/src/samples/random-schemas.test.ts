import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { randomData, randomSchema } from "../test-support/random-schema.ts";
import { createSamples } from "./samples.ts";

const data = fc.array(randomData, { minLength: 20, maxLength: 20 });

describe("createSamples", () => {
  it("finds payloads of any schema that accepts one of twenty random values", () => {
    fc.assert(
      fc.property(randomSchema({ explicit: false }), data, (schema, values) => {
        const { check } = compile(schema, "closed");
        fc.pre(values.some((value) => check(value)));
        const samples = createSamples(schema);
        const found = [samples.minimal(), samples.maximal(), samples.random(1), ...samples.boundary()];
        expect(found.filter((value) => value === undefined || !check(value))).toEqual([]);
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});
