import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { KeyError } from "../key-error.ts";
import { refuse } from "../reason.ts";
import { isSecretText } from "./secret-bytes.ts";

/** Shared secrets that sign with an HMAC. */
export interface SharedKeys {
  /**
   * The place of the first secret that made one of the signatures over one of the messages, or -1. All of them are
   * compared, in constant time.
   */
  find(messages: readonly (string | Uint8Array)[], signatures: readonly Uint8Array[]): number;
  /** Whether there are none. */
  readonly isEmpty: boolean;
}

/** Parses secrets. `decode` gives the bytes of one, or `undefined`. @throws KeyError when one is none. */
export function createSharedKeys(
  secrets: readonly string[],
  form: {
    readonly digest: "sha1" | "sha256";
    readonly expected: string;
    readonly decode: (secret: string) => Uint8Array | undefined;
  },
): SharedKeys {
  const keys = secrets.map((secret): KeyObject => {
    const bytes = isSecretText(secret) ? form.decode(secret) : undefined;
    if (bytes === undefined || bytes.length === 0) throw new KeyError(`Expected ${form.expected}.`);
    return createSecretKey(bytes);
  });
  return {
    isEmpty: keys.length === 0,
    find: (messages, signatures) => {
      let found = -1;
      for (const [index, key] of keys.entries()) {
        for (const message of messages) {
          const right = createHmac(form.digest, key).update(message).digest();
          for (const signature of signatures) {
            const isMatch = signature.length === right.length && timingSafeEqual(right, signature);
            if (isMatch && found < 0) found = index;
          }
        }
      }
      return found;
    },
  };
}

/** The answer when no secret is configured. */
export const withoutSecrets = refuse("key_unavailable", "Expected at least one secret to verify with.");

/** The answer when no secret matched. */
export const withoutMatch = refuse("no_matching_key", "The signature was not made with a configured secret.");
