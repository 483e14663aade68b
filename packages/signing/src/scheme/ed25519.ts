import * as crypto from "node:crypto";
import { createBase64Check, decodeBase64 } from "../base64.ts";
import type { Content, Matcher, Scheme, Signer } from "../scheme.ts";

const keyLength = 32;
/** DER in front of a raw key (RFC 8410): PKCS #8 for the private, SubjectPublicKeyInfo for the public one. */
const privateDer = Buffer.from("302e020100300506032b657004220420", "hex");
const publicDer = Buffer.from("302a300506032b6570032100", "hex");

const privatePrefix = "whsk_";
const publicPrefix = "whpk_";

/** Standard Webhooks `v1a`: ed25519 (RFC 8032). Receivers hold only the public key, so they cannot sign. */
export const ed25519: Scheme<"v1a"> = {
  id: "v1a",
  signing: {
    prefix: privatePrefix,
    expected: "an ed25519 private key in canonical base64: 32 bytes, or 64 with its public key behind it",
    read: readSigner,
  },
  verifying: {
    prefix: publicPrefix,
    expected: "the 32 bytes of an ed25519 public key in canonical base64",
    read: readMatcher,
  },
  isSignature: createBase64Check(64),
  generate,
};

/** The `whpk_` secret to what follows `whsk_`, or `undefined` when that is no private key. */
export function publicKeyText(text: string): string | undefined {
  const key = readPrivateKey(text);
  return key && publicPrefix + rawPublicKey(key).toString("base64");
}

function readSigner(text: string): Signer | undefined {
  const key = readPrivateKey(text);
  return key && ((content) => crypto.sign(null, bytesOf(content), key).toString("base64"));
}

function readMatcher(text: string): Matcher | undefined {
  const raw = decodeBase64(text);
  if (raw?.length !== keyLength) return undefined;
  const key = crypto.createPublicKey({ key: Buffer.concat([publicDer, raw]), format: "der", type: "spki" });
  return (content, signatures) => {
    const bytes = bytesOf(content);
    let isMatched = false;
    for (const signature of signatures) {
      isMatched = crypto.verify(null, bytes, key, Buffer.from(signature, "base64")) || isMatched;
    }
    return isMatched;
  };
}

function readPrivateKey(text: string): crypto.KeyObject | undefined {
  const raw = decodeBase64(text);
  if (raw === undefined || (raw.length !== keyLength && raw.length !== 2 * keyLength)) return undefined;
  const der = Buffer.concat([privateDer, raw.subarray(0, keyLength)]);
  const key = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const stated = raw.subarray(keyLength);
  return stated.length === 0 || rawPublicKey(key).equals(stated) ? key : undefined;
}

function generate(): string {
  const { privateKey } = crypto.generateKeyPairSync("ed25519");
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(privateDer.length);
  return privatePrefix + Buffer.concat([seed, rawPublicKey(privateKey)]).toString("base64");
}

function rawPublicKey(key: crypto.KeyObject): Buffer {
  return crypto.createPublicKey(key).export({ format: "der", type: "spki" }).subarray(publicDer.length);
}

/** ed25519 reads its message twice, so it needs the whole in one piece. */
function bytesOf({ prefix, body }: Content): Buffer {
  return Buffer.concat([Buffer.from(prefix), typeof body === "string" ? Buffer.from(body) : body]);
}
