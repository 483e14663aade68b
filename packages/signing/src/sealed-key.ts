import { KeyError } from "./key-error.ts";
import type { SchemeId } from "./scheme.ts";
import type { KeyKind } from "./secret-text.ts";

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

/** What keys of each kind can do. */
export type Abilities = Readonly<Record<KeyKind, unknown>>;

/** Makes keys that hide what they can do, and finds it again. */
export interface Seal<A extends Abilities> {
  signing(scheme: SchemeId, ability: A["signing"]): SigningKey;
  verifying(scheme: SchemeId, ability: A["verifying"]): VerifyingKey;
  /** @throws KeyError for anything this seal did not make. */
  signerOf(key: SigningKey): A["signing"];
  /** @throws KeyError for anything this seal did not make. */
  matcherOf(key: VerifyingKey): A["verifying"];
}

/** Makes a seal. A key of one seal is refused by every other. */
export function createSeal<A extends Abilities>(): Seal<A> {
  /** The ability is behind a private field, which neither `inspect` nor `JSON.stringify` nor a spread can see. */
  class SealedKey<K extends KeyKind> {
    readonly kind: K;
    readonly scheme: SchemeId;
    readonly #ability: A[K];

    constructor(kind: K, scheme: SchemeId, ability: A[K]) {
      this.kind = kind;
      this.scheme = scheme;
      this.#ability = ability;
      Object.freeze(this);
    }

    static abilityOf<K extends KeyKind>(key: unknown, kind: K): A[K] {
      const isOurs = typeof key === "object" && key !== null && #ability in key;
      if (!isOurs || (key.kind as KeyKind) !== kind)
        throw new KeyError(`Expected a ${kind} key that was parsed.`);
      // The constructor ties the ability to the kind.
      return key.#ability as A[K];
    }
  }
  return {
    signing: (scheme, ability) => new SealedKey("signing", scheme, ability),
    verifying: (scheme, ability) => new SealedKey("verifying", scheme, ability),
    signerOf: (key) => SealedKey.abilityOf(key, "signing"),
    matcherOf: (key) => SealedKey.abilityOf(key, "verifying"),
  };
}
