import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import { decodeBase64 } from "../base64.ts";
import type { Content, Scheme, SecretForm } from "../scheme.ts";

const secret: SecretForm = {
  prefix: "whsec_",
  expected: "24 to 64 bytes in canonical base64",
  read: (text) => {
    const bytes = decodeBase64(text);
    return bytes !== undefined && bytes.length >= 24 && bytes.length <= 64
      ? createSecretKey(bytes)
      : undefined;
  },
};

/** Standard Webhooks `v1`: HMAC-SHA256 (RFC 2104). The same secret signs and verifies. */
export const hmacSha256: Scheme<"v1"> = {
  id: "v1",
  signing: secret,
  verifying: secret,
  signature: /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
  sign: (key, content) => hmac(key, content).digest("base64"),
  matches: (key, content, signatures) => {
    const expected = hmac(key, content).digest();
    let matched = false;
    for (const signature of signatures) {
      matched = timingSafeEqual(expected, Buffer.from(signature, "base64")) || matched;
    }
    return matched;
  },
  generate: () => secret.prefix + randomBytes(32).toString("base64"),
};

function hmac(key: KeyObject, { prefix, body }: Content) {
  return createHmac("sha256", key).update(prefix).update(body);
}
