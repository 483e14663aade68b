import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "./json.ts";
import { redact } from "./redact.ts";

const secret: JsonObject = { type: "string", "x-sensitive": "secret" };
const root = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  ...rest,
});

describe("redact", () => {
  it("drops, masks and hashes, and masks when nothing is said", () => {
    const schema = root({
      a: { ...secret, "x-redact": "drop" },
      b: { ...secret, "x-redact": "mask" },
      c: { ...secret, "x-redact": "hash" },
      d: secret,
      e: { type: "string" },
    });
    const data = { a: "1", b: "2", c: "3", d: { deep: "4" }, e: "5", f: "6" };
    expect(redact(data, schema)).toEqual({
      b: "[hidden]",
      c: "sha256:a4aab3f1f08004e907d2357fafe74cab56359bcb32e23f52e7eb1d3a9c0a2ad3",
      d: "[hidden]",
      e: "5",
      f: "6",
    });
    expect(data.a).toBe("1");
  });

  const email = { email: secret };
  it.each<[string, JsonObject, Json]>([
    [
      "behind a reference",
      root({ x: { $ref: "#/$defs/x" } }, { $defs: { x: root(email) } }),
      { x: { email: "S" } },
    ],
    [
      "beside a reference",
      root({ x: { $ref: "#/$defs/x", "x-sensitive": "pii" } }, { $defs: { x: {} } }),
      { x: "S" },
    ],
    [
      "in a branch that does not fit",
      root({ x: { oneOf: [{ type: "null" }, root(email)] } }),
      { x: { email: "S" } },
    ],
    ["in a part", { allOf: [root({}), { anyOf: [root(email)] }] }, { email: "S" }],
    ["in a condition", { if: root({}), else: root(email) }, { email: "S" }],
    ["in a map", { type: "object", additionalProperties: secret }, { any: "S" }],
    ["by the pattern of its name", { patternProperties: { "^e": secret } }, { email: "S" }],
    ["in a list", { items: root(email) }, [{ email: "S" }]],
    ["at a place in a list", { prefixItems: [{}, secret] }, ["a", "S"]],
    ["as a whole", { ...root(email), "x-sensitive": "health" }, { other: "S" }],
    [
      "in itself",
      { $ref: "#/$defs/p", $defs: { p: root({ ...email, friend: { $ref: "#/$defs/p" } }) } },
      { friend: { friend: { friend: { email: "S" } } } },
    ],
  ])("finds what is sensitive %s", (_where, schema, data) => {
    const shown = JSON.stringify(redact(data, schema));
    expect(shown).not.toContain('"S"');
    expect(shown).toContain("[hidden]");
  });

  it("keeps the places of a list, and hides what says least where several say how", () => {
    const drop = { ...secret, "x-redact": "drop" };
    expect(redact(["a", "b"], { prefixItems: [drop] })).toEqual(["[hidden]", "b"]);
    const both = root({ x: { anyOf: [{ ...secret, "x-redact": "hash" }, drop] } });
    expect(redact({ x: "S" }, both)).toEqual({});
  });

  it("bears any depth and any name", () => {
    const deep = JSON.parse(`${'{"__proto__":'.repeat(5_000)}1${"}".repeat(5_000)}`) as Json;
    expect(JSON.stringify(redact(deep, {}))).toContain("[hidden]");
  });
});
