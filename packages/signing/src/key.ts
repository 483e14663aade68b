import { type Matcher, type SchemeId, schemes, type Signer } from "./scheme.ts";

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
  const { id, ability } = parse(secret, "signing");
  return new SealedKey("signing", id, ability);
}

/**
 * Parses a secret to verify with: `whsec_` as in `parseSigningKey`, or `whpk_` and base64 of an ed25519 public key.
 *
 * @throws KeyError when the secret is neither.
 */
export function parseVerifyingKey(secret: string): VerifyingKey {
  const { id, ability } = parse(secret, "verifying");
  return new SealedKey("verifying", id, ability);
}

/** What a signing key can do; for this package only. @throws KeyError for anything `parseSigningKey` did not make. */
export function signerOf(key: SigningKey): Signer {
  return SealedKey.abilityOf(key as SealedKey<Kind>, "signing");
}

/** What a verifying key can do; for this package only. @throws KeyError for anything `parseVerifyingKey` did not make. */
export function matcherOf(key: VerifyingKey): Matcher {
  return SealedKey.abilityOf(key as SealedKey<Kind>, "verifying");
}

interface Abilities {
  readonly signing: Signer;
  readonly verifying: Matcher;
}
type Kind = keyof Abilities;

/** The secret is behind a private field, which neither `inspect` nor `JSON.stringify` nor a spread can see. */
class SealedKey<K extends Kind> {
  readonly kind: K;
  readonly scheme: SchemeId;
  readonly #ability: Abilities[K];

  constructor(kind: K, scheme: SchemeId, ability: Abilities[K]) {
    this.kind = kind;
    this.scheme = scheme;
    this.#ability = ability;
    Object.freeze(this);
  }

  static abilityOf<K extends Kind>(key: SealedKey<Kind>, kind: K): Abilities[K] {
    if (!(#ability in key) || key.kind !== kind)
      throw new KeyError(`Expected a ${kind} key that was parsed.`);
    // The constructor ties the ability to the kind.
    return key.#ability as Abilities[K];
  }
}

function parse<K extends Kind>(
  secret: string,
  kind: K,
): { readonly id: SchemeId; readonly ability: Abilities[K] } {
  if (typeof secret !== "string") throw new KeyError("Expected the secret as a string.");
  for (const scheme of Object.values(schemes)) {
    const { prefix, read, expected } = scheme[kind];
    if (!secret.startsWith(prefix)) continue;
    const ability = read(secret.slice(prefix.length));
    if (ability === undefined) throw new KeyError(`Expected ${prefix} and ${expected}.`);
    // `scheme[kind]` reads what the kind can do; the compiler does not follow that through the union.
    return { id: scheme.id, ability: ability as Abilities[K] };
  }
  const prefixes = Object.values(schemes).map((scheme) => scheme[kind].prefix);
  throw new KeyError(`Expected a ${kind} secret that starts with ${prefixes.join(" or ")}.`);
}
