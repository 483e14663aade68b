import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSignedObject } from "./signed-object.ts";

const read = (text: string) => readSignedObject(Buffer.from(text));

describe("readSignedObject", () => {
  it("reads any object as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (object) => {
        const text = JSON.stringify(object);
        expect({ ...read(text) }).toEqual({ ...(JSON.parse(text) as object) });
      }),
      { seed: 1 },
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"x":[{"b":{"c":1,"d":2,"c":3}}]}',
    '{"__proto__":1,"__proto__":2}',
  ])("refuses a member that is there twice, at any depth: %s", (text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each([
    '{"a":"a","b":"a"}',
    '{"a":{"a":1},"b":[{"a":1},{"a":1}]}',
    '{"a":"\\"a\\":1,\\"a\\":2"}',
    '{"a":"{","b":"}"}',
  ])("is not misled by values that look like members: %s", (text) => {
    expect(read(text)).toBeDefined();
  });

  it("reads a long text in one piece, and refuses one that is too long or too deep", () => {
    expect(read(JSON.stringify({ a: '\\"x'.repeat(100_000), b: "é".repeat(100_000) }))).toBeDefined();
    expect(read(JSON.stringify({ a: "x".repeat(1_100_000) }))).toBeUndefined();
    expect(read(`{"a":${"[".repeat(64)}${"]".repeat(64)}}`)).toBeUndefined();
    expect(read(`{"a":${"[".repeat(63)}${"]".repeat(63)}}`)).toBeDefined();
  });

  it("has no prototype, so that no name reaches one", () => {
    expect(read('{"a":1}')?.["toString"]).toBeUndefined();
    expect(read('{"__proto__":{"a":1}}')?.["a"]).toBeUndefined();
  });
});
