import { ed25519 } from "./scheme/ed25519.ts";
import { hmacSha256 } from "./scheme/hmac-sha256.ts";

/** Standard Webhooks' names: `v1` is HMAC-SHA256 with a shared secret, `v1a` is ed25519. */
export type SchemeId = "v1" | "v1a";

/** What is signed: `prefix` (the id, a dot, the timestamp, a dot; ASCII) and then the body, byte for byte. */
export interface Content {
  readonly prefix: string;
  readonly body: Uint8Array | string;
}

/** Signs with one key; gives base64. */
export type Signer = (content: Content) => string;

/**
 * Whether one key made any of the signatures, each of which `isSignature`. Takes each in constant time and never stops
 * at the first.
 */
export type Matcher = (content: Content, signatures: readonly string[]) => boolean;

/** How one kind of secret is written, and what it can do. */
export interface SecretForm<Ability> {
  readonly prefix: string;
  /** What follows the prefix, in words, for error messages. */
  readonly expected: string;
  /** Reads what follows the prefix, or gives `undefined`. */
  readonly read: (text: string) => Ability | undefined;
}

/** A signature scheme. It comes from configuration, through the key; a request can only fail to match it. */
export interface Scheme<Id extends string = SchemeId> {
  readonly id: Id;
  readonly signing: SecretForm<Signer>;
  readonly verifying: SecretForm<Matcher>;
  /** Whether a text can be a signature of the scheme: canonical base64 of the right length. */
  readonly isSignature: (text: string) => boolean;
  /** A new secret to sign with. */
  readonly generate: () => string;
}

/** The schemes, in the order of preference. */
export const schemes: Readonly<Record<SchemeId, Scheme>> = { v1: hmacSha256, v1a: ed25519 };
