import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { HmacProvider, TokenProvider } from "./provider.ts";
import { parseSecret } from "./secret-bytes.ts";
import type { Matches } from "./steps.ts";

/** Makes what checks signatures of one secret. @throws KeyError */
export function createHmacMatcher(row: HmacProvider, secret: unknown): Matches<boolean> {
  const key = createSecretKey(parseSecret(row, secret));
  return (message, signatures) => {
    const hmac = createHmac(row.digest, key);
    for (const part of message) hmac.update(part);
    const right = hmac.digest();
    let isMatched = false;
    for (const signature of signatures) isMatched = timingSafeEqual(right, signature) || isMatched;
    return isMatched;
  };
}

/** Makes what checks tokens against one secret. Their hashes are compared, so that not even a length is told. @throws KeyError */
export function createTokenMatcher(row: TokenProvider, secret: unknown): Matches<boolean> {
  const right = sha256(parseSecret({ name: row.name, secret: "utf8" }, secret));
  return (_, tokens) => {
    let isMatched = false;
    for (const token of tokens) isMatched = timingSafeEqual(right, sha256(token)) || isMatched;
    return isMatched;
  };
}

/** SHA-256. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}
