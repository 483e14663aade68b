import { timingSafeEqual } from "node:crypto";
import type { Matcher, Signer } from "../key.ts";
import { createHmacSha256 } from "./hmac.ts";

/** Standard Webhooks `v1`: HMAC-SHA256 (RFC 2104). The same secret signs and verifies. */
export function readSigner(key: Uint8Array): Signer {
  return createHmacSha256(key);
}

/** Two base64 texts of 32 bytes, to be compared. */
const right = Buffer.alloc(44);
const given = Buffer.alloc(44);

/** See `readSigner`. */
export function readMatcher(key: Uint8Array): Matcher {
  const sign = readSigner(key);
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
