import { readMatcher as readEd25519Matcher, readSigner as readEd25519Signer } from "./scheme/ed25519.ts";
import { readMatcher as readHmacMatcher, readSigner as readHmacSigner } from "./scheme/hmac-sha256.ts";
import type { Content } from "./scheme.ts";
import { createSeal, type SigningKey, type VerifyingKey } from "./sealed-key.ts";
import { readSecret } from "./secret-text.ts";

export { KeyError } from "./key-error.ts";
export type { SigningKey, VerifyingKey } from "./sealed-key.ts";

/** Signs with one key; gives base64. */
export type Signer = (content: Content) => string;

/**
 * Whether one key made any of the signatures, each of which `isSignature`. Takes each in constant time and never stops
 * at the first.
 */
export type Matcher = (content: Content, signatures: readonly string[]) => boolean;

const seal = createSeal<{ readonly signing: Signer; readonly verifying: Matcher }>();

/**
 * Parses a secret to sign with: `whsec_` and base64 of 24 to 64 bytes (HMAC-SHA256, scheme `v1`), or `whsk_` and base64
 * of an ed25519 private key (scheme `v1a`; 32-byte seed, or 64 bytes with the public key behind it).
 * Parse once and keep the key: a call that gets a string parses it every time.
 *
 * @throws KeyError when the secret is neither.
 */
export function parseSigningKey(secret: string): SigningKey {
  const { scheme, bytes } = readSecret(secret, "signing");
  return seal.signing(scheme, scheme === "v1" ? readHmacSigner(bytes) : readEd25519Signer(bytes));
}

/**
 * Parses a secret to verify with: `whsec_` as in `parseSigningKey`, or `whpk_` and base64 of an ed25519 public key.
 *
 * @throws KeyError when the secret is neither.
 */
export function parseVerifyingKey(secret: string): VerifyingKey {
  const { scheme, bytes } = readSecret(secret, "verifying");
  return seal.verifying(scheme, scheme === "v1" ? readHmacMatcher(bytes) : readEd25519Matcher(bytes));
}

/** What a signing key can do; for this package only. @throws KeyError for anything `parseSigningKey` did not make. */
export const signerOf = seal.signerOf;

/** What a verifying key can do; for this package only. @throws KeyError for anything `parseVerifyingKey` did not make. */
export const matcherOf = seal.matcherOf;
