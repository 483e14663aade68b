import * as crypto from "node:crypto";
import { decodeBase64 } from "../base64.ts";
import type { Content, Scheme, SecretForm } from "../scheme.ts";

const keyLength = 32;
/** DER in front of a raw key (RFC 8410): PKCS #8 for the private, SubjectPublicKeyInfo for the public one. */
const privateDer = Buffer.from("302e020100300506032b657004220420", "hex");
const publicDer = Buffer.from("302a300506032b6570032100", "hex");

const privateKey: SecretForm = {
  prefix: "whsk_",
  expected: "an ed25519 private key in canonical base64: 32 bytes, or 64 with its public key behind it",
  read: (text) => {
    const bytes = decodeBase64(text);
    if (bytes === undefined || (bytes.length !== keyLength && bytes.length !== 2 * keyLength))
      return undefined;
    const key = crypto.createPrivateKey({
      key: Buffer.concat([privateDer, bytes.subarray(0, keyLength)]),
      format: "der",
      type: "pkcs8",
    });
    const stated = bytes.subarray(keyLength);
    return stated.length === 0 || rawPublicKey(key).equals(stated) ? key : undefined;
  },
};

const publicKey: SecretForm = {
  prefix: "whpk_",
  expected: "the 32 bytes of an ed25519 public key in canonical base64",
  read: (text) => {
    const bytes = decodeBase64(text);
    if (bytes?.length !== keyLength) return undefined;
    return crypto.createPublicKey({ key: Buffer.concat([publicDer, bytes]), format: "der", type: "spki" });
  },
};

/** Standard Webhooks `v1a`: ed25519 (RFC 8032). Receivers hold only the public key, so they cannot sign. */
export const ed25519: Scheme<"v1a"> = {
  id: "v1a",
  signing: privateKey,
  verifying: publicKey,
  signature: /^[A-Za-z0-9+/]{85}[AQgw]==$/,
  sign: (key, content) => crypto.sign(null, bytesOf(content), key).toString("base64"),
  matches: (key, content, signatures) => {
    const bytes = bytesOf(content);
    let matched = false;
    for (const signature of signatures) {
      matched = crypto.verify(null, bytes, key, Buffer.from(signature, "base64")) || matched;
    }
    return matched;
  },
  generate: () => {
    const { privateKey: key } = crypto.generateKeyPairSync("ed25519");
    const seed = key.export({ format: "der", type: "pkcs8" }).subarray(privateDer.length);
    return privateKey.prefix + Buffer.concat([seed, rawPublicKey(key)]).toString("base64");
  },
};

/** The `whpk_` text of a private key. */
export function publicKeyText(key: crypto.KeyObject): string {
  return publicKey.prefix + rawPublicKey(key).toString("base64");
}

function rawPublicKey(key: crypto.KeyObject): Buffer {
  return crypto.createPublicKey(key).export({ format: "der", type: "spki" }).subarray(publicDer.length);
}

/** ed25519 reads its message twice, so it needs the whole in one piece. */
function bytesOf({ prefix, body }: Content): Buffer {
  return Buffer.concat([Buffer.from(prefix), typeof body === "string" ? Buffer.from(body) : body]);
}
