import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { decodeBase64 } from "../base64.ts";
import { KeyError } from "../key.ts";
import type { PublicKeyProvider } from "./provider.ts";
import { type PublicKeyInfo, type PublicKeyKind, readPublicKeyInfo, readPublicKeyPem } from "./spki.ts";

/** A provider's public key. */
export interface PublicKey {
  /** Whether the key's owner signed the message. Never throws. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

interface Algorithm {
  readonly kind: PublicKeyKind;
  /** As `crypto.verify` names it; Ed25519 has its own. */
  readonly digest: string | null;
  /** How long a signature can be, in bytes. ECDSA signatures are DER. */
  readonly signatureLength: { readonly least: number; readonly most: number };
}

/** The algorithms of rows, by their names there. */
export const publicKeyAlgorithms: Readonly<Record<PublicKeyProvider["algorithm"], Algorithm>> = {
  ed25519: { kind: "ed25519", digest: null, signatureLength: { least: 64, most: 64 } },
  "ecdsa-p256-sha256": { kind: "p256", digest: "sha256", signatureLength: { least: 8, most: 72 } },
  "rsa-sha256": { kind: "rsa", digest: "sha256", signatureLength: { least: 256, most: 2048 } },
};

/** Reads a secret of a row: its public key. @throws KeyError when it is none of the row's kind. */
export function parsePublicKey(
  secret: unknown,
  { name, key: form, algorithm }: Pick<PublicKeyProvider, "name" | "key" | "algorithm">,
): PublicKey {
  const { kind, digest, signatureLength } = publicKeyAlgorithms[algorithm];
  const info = typeof secret === "string" ? readers[form](secret) : undefined;
  const key = info?.kind === kind ? createKey(info) : undefined;
  if (key === undefined) throw new KeyError(`Expected a public key of ${name}: ${kind} in ${form}.`);
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

/** DER in front of a raw Ed25519 key (RFC 8410). */
const ed25519Der = Buffer.from("302a300506032b6570032100", "hex");

const readers: Readonly<Record<PublicKeyProvider["key"], (text: string) => PublicKeyInfo | undefined>> = {
  hex: (text) => (/^(?:[0-9a-f]{2})+$/i.test(text) ? rawKey(Buffer.from(text, "hex")) : undefined),
  base64: (text) => rawKey(decodeBase64(text)),
  "spki-base64": (text) => readInfo(decodeBase64(text)),
  "spki-pem": readPublicKeyPem,
};

function rawKey(bytes: Uint8Array | undefined): PublicKeyInfo | undefined {
  return bytes?.length === 32 ? readInfo(Buffer.concat([ed25519Der, bytes])) : undefined;
}

function readInfo(der: Uint8Array | undefined): PublicKeyInfo | undefined {
  return der && readPublicKeyInfo(new Uint8Array(der));
}
