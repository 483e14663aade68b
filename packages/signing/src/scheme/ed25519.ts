import * as crypto from "node:crypto";
import type { Matcher, Signer } from "../key.ts";
import type { Content } from "../scheme.ts";
import { unusable } from "../secret-text.ts";

const keyLength = 32;
/** DER in front of a raw key (RFC 8410): PKCS #8 for the private, SubjectPublicKeyInfo for the public one. */
const privateDer = Buffer.from("302e020100300506032b657004220420", "hex");
const publicDer = Buffer.from("302a300506032b6570032100", "hex");

/**
 * Standard Webhooks `v1a`: ed25519 (RFC 8032). Receivers hold only the public key, so they cannot sign.
 *
 * @throws KeyError when the public half behind the private one is another's.
 */
export function readSigner(bytes: Uint8Array): Signer {
  const key = privateKeyOf(bytes);
  return (content) => crypto.sign(null, bytesOf(content), key).toString("base64");
}

/** See `readSigner`. */
export function readMatcher(bytes: Uint8Array): Matcher {
  const der = Buffer.concat([publicDer, bytes]);
  const key = crypto.createPublicKey({ key: der, format: "der", type: "spki" });
  return (content, signatures) => {
    const signed = bytesOf(content);
    let isMatched = false;
    for (const signature of signatures) {
      isMatched = crypto.verify(null, signed, key, Buffer.from(signature, "base64")) || isMatched;
    }
    return isMatched;
  };
}

/** The public key to the bytes of a private one. @throws KeyError as `readSigner` does. */
export function publicBytes(bytes: Uint8Array): Uint8Array {
  return rawPublicKey(privateKeyOf(bytes));
}

/** The bytes of a new private key with its public one behind it. */
export function generatePrivateBytes(): Uint8Array {
  const { privateKey } = crypto.generateKeyPairSync("ed25519");
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(privateDer.length);
  return Buffer.concat([seed, rawPublicKey(privateKey)]);
}

function privateKeyOf(bytes: Uint8Array): crypto.KeyObject {
  const der = Buffer.concat([privateDer, bytes.subarray(0, keyLength)]);
  const key = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const stated = bytes.subarray(keyLength);
  if (stated.length > 0 && !rawPublicKey(key).equals(stated)) throw unusable("v1a", "signing");
  return key;
}

function rawPublicKey(key: crypto.KeyObject): Buffer {
  return crypto.createPublicKey(key).export({ format: "der", type: "spki" }).subarray(publicDer.length);
}

/** ed25519 reads its message twice, so it needs the whole in one piece. */
function bytesOf({ prefix, body }: Content): Buffer {
  return Buffer.concat([Buffer.from(prefix), typeof body === "string" ? Buffer.from(body) : body]);
}
