import { createBase64Check } from "./base64.ts";
import { isOfSmallOrder } from "./small-order.ts";

/** Standard Webhooks' names: `v1` is HMAC-SHA256 with a shared secret, `v1a` is ed25519. */
export type SchemeId = "v1" | "v1a";

/** What is signed: `prefix` (the id, a dot, the timestamp, a dot; ASCII) and then the body, byte for byte. */
export interface Content {
  readonly prefix: string;
  readonly body: Uint8Array | string;
}

/** How one kind of secret is written. */
export interface SecretForm {
  readonly prefix: string;
  /** What follows the prefix, in words, for error messages. */
  readonly expected: string;
  /** Whether these bytes can be the key. */
  readonly isKey: (bytes: Uint8Array) => boolean;
}

/** A signature scheme. It comes from configuration, through the key; a request can only fail to match it. */
export interface Scheme {
  readonly signing: SecretForm;
  readonly verifying: SecretForm;
  /** Whether a text can be a signature of the scheme: canonical base64 of the right length. */
  readonly isSignature: (text: string) => boolean;
}

const sharedSecret: SecretForm = {
  prefix: "whsec_",
  expected: "24 to 64 bytes in canonical base64",
  isKey: ({ length }) => length >= 24 && length <= 64,
};

/** The schemes of Standard Webhooks 1.0, in the order of preference. */
export const schemes: Readonly<Record<SchemeId, Scheme>> = {
  v1: { signing: sharedSecret, verifying: sharedSecret, isSignature: createBase64Check(32) },
  v1a: {
    signing: {
      prefix: "whsk_",
      expected: "an ed25519 private key in canonical base64: 32 bytes, or 64 with its public key behind it",
      isKey: ({ length }) => length === 32 || length === 64,
    },
    verifying: {
      prefix: "whpk_",
      expected: "the 32 bytes of an ed25519 public key, not of small order, in canonical base64",
      isKey: (bytes) => bytes.length === 32 && !isOfSmallOrder(bytes),
    },
    isSignature: createBase64Check(64),
  },
};
