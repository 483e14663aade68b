import { describe, expect, it } from "vitest";
import { createResponseBody } from "./response-body.ts";

const appended = (maxBytes: number, pieces: readonly string[]) => {
  const body = createResponseBody(maxBytes);
  const hadRoom = pieces.map((piece) => body.append(Buffer.from(piece)));
  return [body.bytes.toString(), hadRoom];
};

describe("createResponseBody", () => {
  it("joins pieces", () => {
    expect(appended(8, [])).toEqual(["", []]);
    expect(appended(8, ["ab", "", "c", "de"])).toEqual(["abcde", [true, true, true, true]]);
  });

  it("keeps what fits, and says when something did not", () => {
    expect(appended(4, ["abcd"])).toEqual(["abcd", [true]]);
    expect(appended(4, ["abcde"])).toEqual(["abcd", [false]]);
    expect(appended(4, ["abc", "de", "f"])).toEqual(["abcd", [true, false, false]]);
    expect(appended(0, ["a"])).toEqual(["", [false]]);
  });

  it("keeps none of the packets that many small pieces came in", () => {
    const body = createResponseBody(1_000);
    for (let piece = 0; piece < 100; piece += 1) body.append(Buffer.alloc(1_000_000).subarray(0, 1));
    expect(body.bytes.length).toBe(100);
    expect(body.bytes.buffer.byteLength).toBeLessThan(1_000_000);
  });
});
