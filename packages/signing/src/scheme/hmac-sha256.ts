import { randomBytes, timingSafeEqual } from "node:crypto";
import { createBase64Check, decodeBase64 } from "../base64.ts";
import type { Matcher, Scheme, Signer } from "../scheme.ts";
import { createHmacSha256 } from "./hmac.ts";

const prefix = "whsec_";
const expected = "24 to 64 bytes in canonical base64";

/** Standard Webhooks `v1`: HMAC-SHA256 (RFC 2104). The same secret signs and verifies. */
export const hmacSha256: Scheme<"v1"> = {
  id: "v1",
  signing: { prefix, expected, read: readSigner },
  verifying: { prefix, expected, read: readMatcher },
  isSignature: createBase64Check(32),
  generate: () => prefix + randomBytes(32).toString("base64"),
};

function readSigner(text: string): Signer | undefined {
  const key = decodeBase64(text);
  return key !== undefined && key.length >= 24 && key.length <= 64 ? createHmacSha256(key) : undefined;
}

/** Two base64 texts of 32 bytes, to be compared. */
const right = Buffer.alloc(44);
const given = Buffer.alloc(44);

function readMatcher(text: string): Matcher | undefined {
  const sign = readSigner(text);
  if (sign === undefined) return undefined;
  return (content, signatures) => {
    // Canonical base64 is compared as text: as constant in time as its bytes, without decoding and two allocations.
    right.write(sign(content), "latin1");
    let isMatched = false;
    for (const signature of signatures) {
      given.write(signature, "latin1");
      isMatched = timingSafeEqual(right, given) || isMatched;
    }
    return isMatched;
  };
}
