import { decodeBase64, encodeBase64 } from "./base64.ts";
import { KeyError } from "./key-error.ts";
import { type Scheme, type SchemeId, schemes } from "./scheme.ts";

/** What a key is for. */
export type KeyKind = "signing" | "verifying";

/** A secret, read: whose scheme it is of, and the key itself. */
export interface RawKey {
  readonly scheme: SchemeId;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads `whsec_…`, `whsk_…` or `whpk_…`. @throws KeyError for anything else. */
export function readSecret(secret: string, kind: KeyKind): RawKey {
  if (typeof secret !== "string")
    throw new KeyError(`Expected the secret as a string, got ${typeof secret}.`);
  // The table's keys are the ids.
  for (const [id, scheme] of Object.entries(schemes) as [SchemeId, Scheme][]) {
    const { prefix, isKey } = scheme[kind];
    if (!secret.startsWith(prefix)) continue;
    const bytes = decodeBase64(secret.slice(prefix.length));
    if (bytes === undefined || !isKey(bytes)) throw unusable(id, kind);
    return { scheme: id, bytes };
  }
  const prefixes = Object.values(schemes).map((scheme) => scheme[kind].prefix);
  throw new KeyError(`Expected a ${kind} secret that starts with ${prefixes.join(" or ")}.`);
}

/** Reads `whsk_…`. @throws KeyError for anything else. */
export function readPrivateKey(secret: string): Uint8Array<ArrayBuffer> {
  const { scheme, bytes } = readSecret(secret, "signing");
  if (scheme !== "v1a") throw unusable("v1a", "signing");
  return bytes;
}

/** Reads `whpk_…`. @throws KeyError for anything else. */
export function readPublicKey(secret: string): Uint8Array<ArrayBuffer> {
  const { scheme, bytes } = readSecret(secret, "verifying");
  if (scheme !== "v1a") throw unusable("v1a", "verifying");
  return bytes;
}

/** Writes a secret as people are shown it. */
export function writeSecret(scheme: SchemeId, kind: KeyKind, bytes: Uint8Array): string {
  return schemes[scheme][kind].prefix + encodeBase64(bytes);
}

/** The error of a secret that begins like one of the scheme and is none. */
export function unusable(scheme: SchemeId, kind: KeyKind): KeyError {
  const { prefix, expected } = schemes[scheme][kind];
  return new KeyError(`Expected ${prefix} and ${expected}.`);
}
