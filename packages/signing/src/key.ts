import type { KeyObject } from "node:crypto";
import { type SchemeId, schemes } from "./scheme.ts";

/**
 * A key that signs. Made by `parseSigningKey` only. Printing it (`console.log`, `JSON.stringify`) shows its kind and
 * scheme, never the secret.
 */
export interface SigningKey {
  readonly kind: "signing";
  readonly scheme: SchemeId;
}

/** A key that verifies. Made by `parseVerifyingKey` only; prints nothing of the secret. */
export interface VerifyingKey {
  readonly kind: "verifying";
  readonly scheme: SchemeId;
}

/** A secret is not one. `code` is stable; the message says what was expected and never repeats the secret. */
export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly code = "invalid_secret";
}

/**
 * Parses a secret to sign with: `whsec_` and base64 of 24 to 64 bytes (HMAC-SHA256, scheme `v1`), or `whsk_` and base64
 * of an ed25519 private key (scheme `v1a`; 32-byte seed, or 64 bytes with the public key behind it).
 * Parse once and keep the key: a call that gets a string parses it every time.
 *
 * @throws KeyError when the secret is neither.
 */
export function parseSigningKey(secret: string): SigningKey {
  return parse(secret, "signing");
}

/**
 * Parses a secret to verify with: `whsec_` as in `parseSigningKey`, or `whpk_` and base64 of an ed25519 public key.
 *
 * @throws KeyError when the secret is neither.
 */
export function parseVerifyingKey(secret: string): VerifyingKey {
  return parse(secret, "verifying");
}

type Kind = "signing" | "verifying";

/** The secret is in a private field, which neither `inspect` nor `JSON.stringify` nor a spread can see. */
class SealedKey<K extends Kind> {
  readonly kind: K;
  readonly scheme: SchemeId;
  readonly #material: KeyObject;

  constructor(kind: K, scheme: SchemeId, material: KeyObject) {
    this.kind = kind;
    this.scheme = scheme;
    this.#material = material;
    Object.freeze(this);
  }

  static material(key: SigningKey | VerifyingKey, kind: Kind): KeyObject {
    if (!(#material in key) || key.kind !== kind) {
      throw new KeyError(`Expected a ${kind} key: one that ${parserOf[kind]} returned.`);
    }
    return key.#material;
  }
}

const parserOf: Readonly<Record<Kind, string>> = {
  signing: "parseSigningKey",
  verifying: "parseVerifyingKey",
};

function parse<K extends Kind>(secret: string, kind: K): SealedKey<K> {
  if (typeof secret !== "string") throw new KeyError("Expected the secret as a string.");
  for (const scheme of Object.values(schemes)) {
    const { prefix, read, expected } = scheme[kind];
    if (!secret.startsWith(prefix)) continue;
    const material = read(secret.slice(prefix.length));
    if (material === undefined) throw new KeyError(`Expected ${prefix} and ${expected}.`);
    return new SealedKey(kind, scheme.id, material);
  }
  const prefixes = Object.values(schemes).map((scheme) => scheme[kind].prefix);
  throw new KeyError(`Expected a ${kind} secret that starts with ${prefixes.join(" or ")}.`);
}

/** The key object inside; for this package only. @throws KeyError for anything a parser did not make. */
export function materialOf(key: SigningKey | VerifyingKey, kind: Kind): KeyObject {
  return SealedKey.material(key, kind);
}
