import { decodeBase64Url, encodeBase64Url } from "./base64.ts";
import { KeyError } from "./key-error.ts";
import { schemes } from "./scheme.ts";
import { readPublicKey, writeSecret } from "./secret-text.ts";

/** An ed25519 public key as RFC 8037 writes it. */
export interface Jwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly use: "sig";
  readonly alg: "EdDSA";
}

/** A JWK Set (RFC 7517): what a sender publishes as `application/jwk-set+json`. */
export interface JwkSet {
  readonly keys: readonly Jwk[];
}

/** A key to publish: `whpk_…`, alone or with a name of your own (`kid`) instead of its RFC 7638 thumbprint. */
export type PublishedKey = string | { readonly publicKey: string; readonly kid: string };

/** A key that was published. */
export interface ReadKey {
  /** `whpk_…`, for `parseVerifyingKey`. */
  readonly publicKey: string;
  /** The sender's name of it; for people, as `webhook-signature` names no key. */
  readonly kid: string | undefined;
}

const maxKeys = 100;
const maxDocumentLength = 100_000;

/**
 * Reads a JWK Set, as text or parsed, and gives its ed25519 keys for signatures in their order. Keys of other kinds, for
 * other uses or incomplete are skipped, as RFC 7517 wants. Fetching and keeping the document is the caller's; fetch it
 * from an address you configured, never from one in a request.
 *
 * @throws KeyError for what is no JWK Set, for more than 100 keys or 100,000 characters, and for a published private key.
 */
export function readJwks(document: unknown): readonly ReadKey[] {
  const parsed = typeof document === "string" ? parseText(document) : document;
  const keys = isObject(parsed) ? parsed["keys"] : undefined;
  if (!Array.isArray(keys)) throw new KeyError("Expected a JWK Set: JSON with an array `keys`.");
  if (keys.length > maxKeys) throw new KeyError(`Expected at most ${maxKeys} keys in the JWK Set.`);
  return keys.flatMap((key: unknown) => {
    const read = isObject(key) ? readKey(key) : undefined;
    return read === undefined ? [] : [read];
  });
}

/** What RFC 7638 hashes for the thumbprint of a key. */
export function thumbprintText(x: string): string {
  return JSON.stringify({ crv: "Ed25519", kty: "OKP", x });
}

/** A key to publish, read. */
export interface UnnamedKey {
  readonly x: string;
  readonly kid: string | undefined;
}

/** @throws KeyError for anything but a public key, so that no private one is published. */
export function readPublishedKeys(keys: readonly PublishedKey[]): readonly UnnamedKey[] {
  if (keys.length > maxKeys) throw new KeyError(`Expected at most ${maxKeys} keys to publish.`);
  return keys.map((key) => {
    const { publicKey, kid } = typeof key === "string" ? { publicKey: key, kid: undefined } : key;
    if (kid === "") throw new KeyError("Expected a `kid` that is not empty.");
    return { x: encodeBase64Url(readPublicKey(publicKey)), kid };
  });
}

/** @throws KeyError when two keys have one name. */
export function jwkSet(keys: readonly { readonly x: string; readonly kid: string }[]): JwkSet {
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) {
    throw new KeyError("Expected every key to be published once, under a `kid` of its own.");
  }
  return {
    keys: keys.map(({ x, kid }) => ({ kty: "OKP", crv: "Ed25519", x, kid, use: "sig", alg: "EdDSA" })),
  };
}

/** EdDSA is RFC 8037's name of the algorithm, Ed25519 the one of RFC 9864. */
const algorithms: readonly unknown[] = [undefined, "EdDSA", "Ed25519"];

function readKey({
  kty,
  crv,
  use,
  alg,
  key_ops,
  x,
  d,
  kid,
}: Readonly<Record<string, unknown>>): ReadKey | undefined {
  if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string") return undefined;
  if (d !== undefined) {
    throw new KeyError(
      "Expected public keys only; the JWK Set has a private one, which is not secret any more.",
    );
  }
  if ((use ?? "sig") !== "sig" || !algorithms.includes(alg)) return undefined;
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes("verify"))) return undefined;
  const bytes = decodeBase64Url(x);
  if (bytes === undefined || !schemes.v1a.verifying.isKey(bytes)) return undefined;
  return {
    publicKey: writeSecret("v1a", "verifying", bytes),
    kid: typeof kid === "string" ? kid : undefined,
  };
}

function parseText(text: string): unknown {
  if (text.length > maxDocumentLength) {
    throw new KeyError(`Expected at most ${maxDocumentLength} characters in the JWK Set.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KeyError("Expected a JWK Set: JSON with an array `keys`.", { cause: error });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
