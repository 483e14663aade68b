import { decodeBase64 } from "../base64.ts";
import { isOfSmallOrder } from "../small-order.ts";
import { hexOf } from "./bytes.ts";

/** What a public key is good for. */
export type PublicKeyKind = "ed25519" | "p256" | "p384" | "p521" | "rsa";

/** A public key as SubjectPublicKeyInfo (RFC 5280), its kind read from its own bytes. */
export interface PublicKeyInfo {
  readonly kind: PublicKeyKind;
  readonly der: Uint8Array<ArrayBuffer>;
}

/** How the DER of each kind begins, behind the outer tag and length; and how long the whole is, for those of one length. */
const beginnings: readonly (readonly [kind: PublicKeyKind, hex: string, length: number | undefined])[] = [
  ["ed25519", "300506032b6570032100", 44],
  ["p256", "301306072a8648ce3d020106082a8648ce3d030107034200", 91],
  ["p384", "301006072a8648ce3d020106052b81040022036200", 120],
  ["p521", "301006072a8648ce3d020106052b81040023038186", 158],
  ["rsa", "300d06092a864886f70d010101050003", undefined],
];
/** An RSA key of 2,048 bits takes 294 bytes; one of 16,384 bits 2,086. */
const rsaLengths = { least: 290, most: 2090 };

/** Reads the DER of a public key; `undefined` for anything but Ed25519, P-256, P-384, P-521 and RSA from 2,048 bits up. */
export function readPublicKeyInfo(der: Uint8Array<ArrayBuffer>): PublicKeyInfo | undefined {
  const header = headerLength(der);
  const hex = hexOf(der.subarray(header, header + 32));
  const [kind, , length] = beginnings.find(([, beginning]) => hex.startsWith(beginning)) ?? [];
  if (kind === undefined || der[0] !== 0x30) return undefined;
  const isWhole =
    length === undefined
      ? der.length >= rsaLengths.least && der.length <= rsaLengths.most
      : der.length === length;
  const isForAnyone = kind === "ed25519" && isOfSmallOrder(der.subarray(-32));
  return isWhole && !isForAnyone ? { kind, der } : undefined;
}

/** The tag and the length in front of the content: 2 bytes up to 127, then one and two more. */
function headerLength(der: Uint8Array): number {
  const first = der[1] ?? 0;
  return first < 0x80 ? 2 : 2 + (first - 0x80);
}

const pemForm = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]{1,8192})-----END PUBLIC KEY-----\s*$/;

/** Whether a text means to be PEM of any kind, so that it is never taken for a shared secret. */
export function isPem(text: string): boolean {
  return text.includes("-----BEGIN ");
}

/** Reads a public key in PEM, with or without its line breaks. */
export function readPublicKeyPem(text: string): PublicKeyInfo | undefined {
  const der = decodeBase64(pemForm.exec(text)?.[1]?.replace(/\s+/g, "") ?? "");
  return der && readPublicKeyInfo(der);
}
