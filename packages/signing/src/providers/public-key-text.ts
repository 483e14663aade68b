import { decodeBase64 } from "../base64.ts";
import { KeyError } from "../key-error.ts";
import { decodeHex } from "./bytes.ts";
import type { PublicKeyProvider } from "./provider.ts";
import { type PublicKeyInfo, type PublicKeyKind, readPublicKeyInfo, readPublicKeyPem } from "./spki.ts";

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

/** What a public key of a row is read from. */
export type PublicKeyRow = Pick<PublicKeyProvider, "name" | "key" | "algorithm">;

/** Reads a secret of a row: the DER of its public key. @throws KeyError when it is none of the row's kind. */
export function readPublicKey(secret: unknown, row: PublicKeyRow): PublicKeyInfo {
  const info = typeof secret === "string" ? readers[row.key](secret) : undefined;
  if (info?.kind !== publicKeyAlgorithms[row.algorithm].kind) throw unusableKey(row);
  return info;
}

/** The error of a secret that is no public key of the row. */
export function unusableKey({ name, algorithm, key: form }: PublicKeyRow): KeyError {
  return new KeyError(`Expected a public key of ${name}: ${publicKeyAlgorithms[algorithm].kind} in ${form}.`);
}

/** DER in front of a raw Ed25519 key (RFC 8410). */
const ed25519Der = decodeHex("302a300506032b6570032100") ?? [];

const readers: Readonly<Record<PublicKeyProvider["key"], (text: string) => PublicKeyInfo | undefined>> = {
  hex: (text) => rawKey(decodeHex(text)),
  base64: (text) => rawKey(decodeBase64(text)),
  "spki-base64": (text) => readInfo(decodeBase64(text)),
  "spki-pem": readPublicKeyPem,
};

function rawKey(bytes: Uint8Array | undefined): PublicKeyInfo | undefined {
  return bytes?.length === 32 ? readInfo(Uint8Array.of(...ed25519Der, ...bytes)) : undefined;
}

function readInfo(der: Uint8Array<ArrayBuffer> | undefined): PublicKeyInfo | undefined {
  return der && readPublicKeyInfo(der);
}
