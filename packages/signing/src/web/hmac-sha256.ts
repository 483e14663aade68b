import { decodeBase64, encodeBase64 } from "../base64.ts";
import type { Content } from "../scheme.ts";
import { areEqual, bytesOf } from "./bytes.ts";
import type { Matcher, Signer } from "./key.ts";

const algorithm = { name: "HMAC", hash: "SHA-256" };

/** Standard Webhooks `v1`: HMAC-SHA256 (RFC 2104). The same secret signs and verifies. */
export async function readSigner(key: Uint8Array<ArrayBuffer>): Promise<Signer> {
  const digest = await readDigest(key);
  return async (content) => encodeBase64(await digest(content));
}

/** See `readSigner`. */
export async function readMatcher(key: Uint8Array<ArrayBuffer>): Promise<Matcher> {
  const digest = await readDigest(key);
  return async (content, signatures) => {
    const right = await digest(content);
    let isMatched = false;
    for (const signature of signatures) {
      const given = decodeBase64(signature) ?? new Uint8Array();
      isMatched = areEqual(right, given) || isMatched;
    }
    return isMatched;
  };
}

async function readDigest(key: Uint8Array<ArrayBuffer>) {
  const hmacKey = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return async (content: Content) =>
    new Uint8Array(await crypto.subtle.sign(algorithm.name, hmacKey, bytesOf(content)));
}
