import { type Alphabet, createAlphabet } from "./alphabet.ts";

/**
 * Decodes canonical base64 (RFC 4648 section 4: standard alphabet, padded, unused bits zero) or gives `undefined`.
 * `Buffer.from` and `atob` take more than that, so that many texts would stand for the same bytes.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || !digits.spans(text, 0, text.length - paddingOf(text))) return undefined;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return encodeBase64(bytes) === text ? bytes : undefined;
}

/** Gives canonical base64. For keys and signatures: it spells out every byte as a character first. */
export function encodeBase64(bytes: Uint8Array): string {
  let characters = "";
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return btoa(characters);
}

/** Decodes base64url without padding (RFC 7515 section 2), canonical only, or gives `undefined`. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (/[+/=]/.test(text) || text.length % 4 === 1) return undefined;
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return decodeBase64(standard + "=".repeat((4 - (text.length % 4)) % 4));
}

/** Gives base64url without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const digits = createAlphabet("A-Za-z0-9+/");

function paddingOf(text: string): number {
  return text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
}

/** How canonical base64 of 3n, 3n + 1 and 3n + 2 bytes ends: the last digit has 0, 4 or 2 unused bits. */
const endings: readonly (readonly [lastDigit: Alphabet, padding: string])[] = [
  [digits, ""],
  [createAlphabet("AQgw"), "=="],
  [createAlphabet("AEIMQUYcgkosw048"), "="],
];

/** Makes a check for canonical base64 of exactly so many bytes (at least one). */
export function createBase64Check(byteLength: number): (text: string) => boolean {
  const [lastDigit = digits, padding = ""] = endings[byteLength % 3] ?? [];
  const length = Math.ceil(byteLength / 3) * 4;
  const last = length - padding.length - 1;
  return (text) =>
    text.length === length &&
    text.endsWith(padding) &&
    lastDigit.spans(text, last, last + 1) &&
    digits.spans(text, 0, last);
}
