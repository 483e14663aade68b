import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sliceJson } from "./json-slices.ts";

const slice = (text: string, ...pointers: string[]) =>
  [...sliceJson(Buffer.from(text), pointers)].map(([pointer, bytes]) => [
    pointer,
    Buffer.from(bytes).toString(),
  ]);

/** Every pointer into a value, with what is there. */
function* pointersOf(value: unknown, pointer = ""): Iterable<readonly [string, unknown]> {
  yield [pointer, value];
  if (typeof value !== "object" || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    yield* pointersOf(child, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  }
}

describe("sliceJson", () => {
  it("gives the bytes as they stand there", () => {
    const text = ` { "a" : [ 1.0 , {"b":1e400 , "b" : 9007199254740993 } ,"]\\"" ] }`;
    expect(slice(text, "/a/0", "/a/1", "/a/2")).toEqual([
      ["/a/0", "1.0"],
      ["/a/1", `{"b":1e400 , "b" : 9007199254740993 }`],
      ["/a/2", `"]\\""`],
    ]);
  });

  it("takes the last of members that are there twice, and escaped names for what they mean", () => {
    expect(slice('{"a":[1],"\\u0061":[2]}', "/a/0")).toEqual([["/a/0", "2"]]);
    expect(slice('{"x/y":[1],"~":[2]}', "/x~1y/0", "/~0/0")).toEqual([
      ["/x~1y/0", "1"],
      ["/~0/0", "2"],
    ]);
  });

  it("finds nothing where nothing is", () => {
    expect(slice("[]", "/0", "/a")).toEqual([]);
    expect(slice("7", "/0")).toEqual([]);
    expect(slice("", "/0")).toEqual([]);
  });

  it("is not brought down by depth", () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    expect(slice(`[1,${deep}]`, "/0")).toEqual([["/0", "1"]]);
    expect(slice(`[${deep}]`, "/0")[0]?.[1]).toBe(deep);
  });

  it("finds what JSON.parse finds, however it is written", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2, "\t\r\n "), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const known = [...pointersOf(JSON.parse(text))];
        const found = sliceJson(
          Buffer.from(text),
          known.map(([pointer]) => pointer),
        );
        for (const [pointer, there] of known) {
          expect(JSON.parse(Buffer.from(found.get(pointer) ?? []).toString())).toEqual(there);
        }
      }),
      { seed: 7, numRuns: 1_000 },
    );
  });
});
