import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import { edgesOf } from "./oracle/edges.ts";
import { anyPayloads } from "./oracle/payloads.ts";
import { wholePlace } from "./oracle/place.ts";
import { courtOf } from "./oracle/trial.ts";
import { directions, type Direction } from "./visit.ts";
import { walk } from "./walk.ts";
import { verdictOf } from "./verdict-of.ts";

const names = ["a", "b", "c"];

/** Small schemas that use every keyword compared by its parts, and some compared as a whole. */
const { schema } = fc.letrec<{ schema: JsonObject; member: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthIdentifier: "schema" },
    scalar(),
    object(tie("schema")),
    fc.record(
      {
        type: fc.constant("array"),
        items: tie("schema"),
        minItems: fc.nat(2),
        maxItems: fc.integer({ min: 1, max: 3 }),
        uniqueItems: fc.boolean(),
        contains: fc.constantFrom<JsonObject[]>({ type: "string" }, { const: "x" }),
        minContains: fc.nat(2),
        maxContains: fc.integer({ min: 1, max: 2 }),
      },
      { requiredKeys: ["type"] },
    ),
    fc.record({
      type: fc.constant("array"),
      prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }),
      items: fc.oneof(fc.constant(false), tie("schema")),
    }),
    union(tie("schema")),
    fc.tuple(object(tie("schema")), object(tie("schema"))).map((parts) => ({ allOf: parts })),
    fc
      .tuple(object(tie("schema")), union(object(tie("schema"))))
      .map(([one, other]) => ({ ...one, ...other })),
    fc.constant({ $ref: "#/$defs/x" }),
  ),
  member: tie("schema"),
}));

function scalar(): fc.Arbitrary<JsonObject> {
  const text = fc.record(
    {
      type: fc.constantFrom<Json[]>("string", ["string", "null"]),
      minLength: fc.nat(2),
      maxLength: fc.integer({ min: 1, max: 3 }),
      format: fc.constantFrom("date", "uuid"),
      pattern: fc.constantFrom("^[a-c]*$", "^[a-z]*$", "^a", "[^x]$", "^(?:ab)*$"),
      "x-open-enum": fc.constant(true),
      enum: fc.subarray(["x", "y", "z"], { minLength: 1 }),
      not: fc.constantFrom<JsonObject[]>({ const: "x" }, { enum: ["x", "y"] }),
    },
    { requiredKeys: ["type"] },
  );
  const number = fc.record(
    {
      type: fc.constantFrom<Json[]>("integer", "number", ["integer", "null"], ["number", "string"]),
      minimum: fc.integer({ min: -1, max: 1 }),
      exclusiveMaximum: fc.integer({ min: 1, max: 3 }),
      multipleOf: fc.constantFrom(2, 3, 6, 0.5, 0.1, 0.05),
    },
    { requiredKeys: ["type"] },
  );
  const values = fc.oneof(
    fc.subarray(["x", "y", 1, null, true], { minLength: 1 }).map((listed) => ({ enum: listed })),
    fc.constantFrom<JsonObject>({ type: "boolean" }, { const: "x" }, { const: 1 }, { type: "null" }, {}),
  );
  return fc.oneof(text, number, values) as fc.Arbitrary<JsonObject>;
}

function object(member: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  return fc.record(
    {
      type: fc.constant("object"),
      properties: fc.dictionary(fc.constantFrom(...names), member, { maxKeys: 3 }),
      required: fc.subarray(names),
      additionalProperties: fc.oneof(fc.constant(false), fc.constant(true), member),
      patternProperties: fc.dictionary(fc.constantFrom("^a", "c$", "^[ab]"), member, { maxKeys: 2 }),
      maxProperties: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: ["type"] },
  ) as fc.Arbitrary<JsonObject>;
}

function union(branch: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const branches = fc.array(branch, { minLength: 1, maxLength: 3 });
  return fc
    .tuple(fc.constantFrom("anyOf", "oneOf"), branches)
    .map(([keyword, list]) => ({ [keyword]: list }));
}

/** A schema and the same with a few places replaced by something else. */
const pair = fc
  .tuple(schema, schema, schema, fc.array(fc.tuple(fc.nat(30), schema), { maxLength: 2 }))
  .map(([base, shared, otherShared, changes]) => {
    const whole = { ...base, $defs: { x: shared } };
    const other = changes.reduce<Json>((value, [index, put]) => replaced(value, { left: index }, put), base);
    const newer = { ...(other as JsonObject), $defs: { x: changes.length > 1 ? otherShared : shared } };
    return [whole, newer] as const;
  });

/** Replaces the schema that is the n-th inside. */
function replaced(value: Json, count: { left: number }, put: JsonObject): Json {
  if (Array.isArray(value)) return value.map((each: Json) => replaced(each, count, put));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, Json] => {
      if (/^(?:enum|const|not|required|type)$/.test(key)) return [key, inner];
      const isSchema =
        typeof inner === "object" && inner !== null && !Array.isArray(inner) && !key.endsWith("ies");
      if (isSchema && count.left-- === 0) return [key, put];
      return [key, replaced(inner, count, put)];
    }),
  );
}

/** A definition that is itself in another place describes nothing, and the linter refuses it. */
function isEndless({ $defs }: JsonObject): boolean {
  const inPlace = (part: Json | undefined): boolean => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return false;
    const { $ref, allOf, anyOf, oneOf } = part as JsonObject;
    return (
      $ref !== undefined || [allOf, anyOf, oneOf].some((list) => Array.isArray(list) && list.some(inPlace))
    );
  };
  return inPlace(($defs as JsonObject | undefined)?.["x"]);
}

/** A payload that the writer may send and the reader refuses. */
function refused(
  direction: Direction,
  roots: { readonly older: JsonObject; readonly newer: JsonObject },
): Json | undefined {
  const court = courtOf(direction, roots);
  if (court === undefined) throw new Error("A contract could not be compiled.");
  const { writer } = court;
  const { reader } = court;
  const payloads = [
    ...edgesOf(wholePlace(writer), wholePlace(reader)),
    ...[...anyPayloads(writer, 40)].map(({ value }) => value),
  ];
  return payloads.find((payload) => typeof court.try(payload) === "object");
}

describe("compareContracts", () => {
  it("never calls safe by its structure alone what a payload shows to break", () => {
    fc.assert(
      fc.property(pair, ([older, newer]) => {
        fc.pre(!isEndless(older) && !isEndless(newer));
        const findings = walk({ older, newer });
        for (const direction of directions) {
          if (findings.some((finding) => verdictOf(finding, direction) === "breaking")) continue;
          expect(refused(direction, { older, newer })).toBeUndefined();
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
