import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { publicKeyAlgorithms, type PublicKeyRow, readPublicKey, unusableKey } from "./public-key-text.ts";
import type { PublicKeyInfo } from "./spki.ts";

/** A provider's public key. */
export interface PublicKey {
  /** Whether the key's owner signed the message. Never throws. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** Reads a secret of a row: its public key. @throws KeyError when it is none of the row's kind. */
export function parsePublicKey(secret: unknown, row: PublicKeyRow): PublicKey {
  const { digest, signatureLength } = publicKeyAlgorithms[row.algorithm];
  const key = createKey(readPublicKey(secret, row));
  if (key === undefined) throw unusableKey(row);
  return {
    verify: (message, signature) =>
      signature.length >= signatureLength.least &&
      signature.length <= signatureLength.most &&
      verify(digest, message, key, signature),
  };
}

/** A point that is on no curve is no key. */
function createKey({ der }: PublicKeyInfo): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
