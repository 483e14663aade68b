import * as fc from "fast-check";
import type { Json, JsonObject } from "../json.ts";

const names = ["a", "b", "kind"] as const;
const scalars = ["x", "y", 1, null, true] as const;

/** Values that random schemas have a chance to accept. */
export const randomData: fc.Arbitrary<Json> = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    fc.constantFrom<Json[]>(...scalars),
    tie("object"),
    fc.array(tie("value"), { maxLength: 2 }),
  ),
  object: fc.dictionary(fc.constantFrom<string[]>(...names), tie("value"), { maxKeys: 3 }),
})).value;

interface SchemaOptions {
  /** Whether objects say themselves if they take unknown members. */
  readonly explicit: boolean;
}

/** Small bundled schemas with all ways to combine them: unions, parts, conditions, and references to definitions. */
export function randomSchema({ explicit }: SchemaOptions): fc.Arbitrary<JsonObject> {
  const { schema } = fc.letrec<{ schema: JsonObject; plain: JsonObject }>((tie) => {
    const some = (combine: (inner: JsonObject[]) => JsonObject) =>
      fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map(combine);
    return {
      plain: fc.oneof(
        fc.constantFrom<JsonObject[]>(
          { type: "string" },
          { type: "null" },
          { type: ["integer", "boolean"] },
          {},
        ),
        fc.constantFrom<Json[]>(...scalars).map((value): JsonObject => ({ const: value })),
        fc.subarray([...scalars], { minLength: 1 }).map((values): JsonObject => ({ enum: values })),
      ),
      schema: fc.oneof(
        { depthSize: "small", maxDepth: 3 },
        tie("plain"),
        fc.constantFrom<JsonObject[]>({ $ref: "#/$defs/one" }, { $ref: "#/$defs/two" }),
        randomObject(tie("schema"), tie("plain"), explicit),
        randomObject(tie("schema"), tie("plain"), explicit),
        some((anyOf) => ({ anyOf })),
        some((oneOf) => ({ oneOf })),
        some((allOf) => ({ allOf })),
        fc
          .tuple(
            randomObject(tie("schema"), tie("plain"), explicit),
            some((anyOf) => ({ anyOf })),
          )
          .map(([left, right]): JsonObject => ({ ...left, ...right })),
        tie("schema").map((items): JsonObject => ({ type: "array", items })),
        fc
          .tuple(tie("plain"), tie("schema"), tie("schema"))
          .map((parts) =>
            Object.fromEntries(["if", "then", "else"].map((key, at) => [key, parts[at] ?? {}])),
          ),
        fc
          .tuple(
            randomObject(tie("schema"), tie("plain"), explicit),
            fc.dictionary(fc.constantFrom("if", "then", "else", "not", "$ref"), tie("schema"), {
              maxKeys: 4,
            }),
            some((allOf) => ({ allOf })),
          )
          .map(([own, { $ref, not, ...conditional }, parts]): JsonObject => ({
            ...own,
            ...conditional,
            ...parts,
            ...($ref === undefined ? {} : { $ref: "#/$defs/one" }),
            ...(not === undefined ? {} : { not: { const: "x" } }),
          })),
        tie("plain").map((not): JsonObject => ({ not })),
      ),
    };
  });
  // Definitions refer to each other only from inside members, so that no reference is endless.
  const definition = fc.tuple(schema, fc.constantFrom("one", "two")).map(([inner, name]): JsonObject => ({
    type: "object",
    properties: { a: inner, b: { anyOf: [{ $ref: `#/$defs/${name}` }, { type: "null" }] } },
    ...(explicit ? { additionalProperties: false } : {}),
  }));
  return fc
    .tuple(schema, definition, definition)
    .map(([root, one, two]): JsonObject => ({ ...root, $defs: { one, two } }));
}

function randomObject(
  inner: fc.Arbitrary<JsonObject>,
  plain: fc.Arbitrary<JsonObject>,
  explicit: boolean,
): fc.Arbitrary<JsonObject> {
  const closing = explicit
    ? fc.constantFrom<JsonObject[]>({ additionalProperties: false }, { additionalProperties: {} })
    : fc.constantFrom<JsonObject[]>(
        {},
        {},
        {},
        { additionalProperties: false },
        { unevaluatedProperties: false },
      );
  return fc
    .tuple(
      fc.subarray([...names]),
      fc.dictionary(fc.constantFrom<string[]>("a", "b"), inner, { maxKeys: 2 }),
      fc.option(plain, { nil: undefined }),
      closing,
    )
    .map(([required, members, kind, rest]): JsonObject => ({
      type: "object",
      required,
      properties: { ...members, ...(kind === undefined ? {} : { kind }) },
      ...rest,
    }));
}
