import { createHmac, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHmacSha256 } from "./hmac.ts";

const key = fc.uint8Array({ minLength: 0, maxLength: 64 });
const prefix = fc.string({ unit: fc.constantFrom(..."abcXYZ019._-"), maxLength: 130 });

describe("createHmacSha256", () => {
  it("equals node:crypto's createHmac for any key, prefix and bytes", () => {
    fc.assert(
      fc.property(key, prefix, fc.uint8Array({ maxLength: 3000 }), (key, prefix, body) => {
        const expected = createHmac("sha256", key).update(prefix).update(body).digest("base64");
        expect(createHmacSha256(key)({ prefix, body })).toBe(expected);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("equals createHmac for any string, lone surrogates included", () => {
    fc.assert(
      fc.property(key, fc.string({ unit: "binary", maxLength: 500 }), fc.boolean(), (key, text, isCut) => {
        const body = isCut ? `${text}\ud800` : text;
        const expected = createHmac("sha256", key).update("a.1.").update(body).digest("base64");
        expect(createHmacSha256(key)({ prefix: "a.1.", body })).toBe(expected);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it.each([16_383, 16_384, 16_385, 100_000])("equals createHmac at the switch to streaming: %i", (length) => {
    const secret = randomBytes(32);
    for (const body of [
      randomBytes(length),
      "\u{fffd}".repeat(length),
      "\u{1f600}".repeat(Math.floor(length / 2)),
    ]) {
      const expected = createHmac("sha256", secret).update("a.1.").update(body).digest("base64");
      expect(createHmacSha256(secret)({ prefix: "a.1.", body })).toBe(expected);
    }
  });

  it("keeps keys apart that are used in turn", () => {
    const [first, second] = [randomBytes(32), randomBytes(24)];
    const signers = [createHmacSha256(first), createHmacSha256(second)];
    const body = Buffer.from("x");
    const turns = [0, 1, 0, 1].map((turn) => signers[turn]!({ prefix: "a.1.", body }));
    expect(turns[0]).toBe(turns[2]);
    expect(turns[1]).toBe(turns[3]);
    expect(turns[0]).not.toBe(turns[1]);
  });

  it("refuses a key longer than a block, which would have to be hashed first", () => {
    expect(() => createHmacSha256(Buffer.alloc(65))).toThrow(RangeError);
  });
});
