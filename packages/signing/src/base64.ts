import { type Alphabet, createAlphabet } from "./alphabet.ts";

/**
 * Decodes canonical base64 (RFC 4648 section 4: standard alphabet, padded, unused bits zero) or gives `undefined`.
 * `Buffer.from` alone takes nearly anything, so that many texts would stand for the same bytes.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

const digits = createAlphabet("A-Za-z0-9+/");

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
