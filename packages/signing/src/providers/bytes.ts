import { createAlphabet } from "../alphabet.ts";
import { decodeBase64, decodeBase64Url } from "../base64.ts";
import type { SignatureEncoding } from "./signature-format.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** UTF-8. */
export function utf8Bytes(text: string): Bytes {
  return encoder.encode(text);
}

/** One byte a character: for ASCII, and for text that was read so. */
export function narrowBytes(text: string): Bytes {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** In one piece of its own, never on shared memory. */
export function joinBytes(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** How many bytes a signature may have. */
export interface ByteCount {
  readonly least: number;
  readonly most: number;
}

/** Reads a text that stands for bytes, or gives `undefined`; one text for the same bytes, whichever the encoding. */
export type Decoder = (text: string) => Bytes | undefined;

/** Makes a decoder. The length is checked before anything else is looked at. */
export function createDecoder(encoding: SignatureEncoding, { least, most }: ByteCount): Decoder {
  const decode = decoders[encoding];
  return (text) => {
    if (text.length > 2 * most + 4) return undefined;
    const bytes = decode(text);
    return bytes !== undefined && bytes.length >= least && bytes.length <= most ? bytes : undefined;
  };
}

const lowerHex = createAlphabet("0-9a-f");
const upperHex = createAlphabet("0-9A-F");

const decoders: Readonly<Record<SignatureEncoding, Decoder>> = {
  hex: (text) => (lowerHex.spans(text, 0, text.length) ? decodeHex(text) : undefined),
  HEX: (text) => (upperHex.spans(text, 0, text.length) ? decodeHex(text) : undefined),
  anyHex: (text) => decoders.hex(text) ?? decoders.HEX(text),
  base64: decodeBase64,
  base64url: decodeBase64Url,
  "base64url-padded": (text) =>
    /[+/]/.test(text) ? undefined : decodeBase64(text.replaceAll("-", "+").replaceAll("_", "/")),
};

/** Reads hex digits of either case, or gives `undefined`. */
export function decodeHex(text: string): Bytes | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    const high = hexValue(text.charCodeAt(2 * index));
    const low = hexValue(text.charCodeAt(2 * index + 1));
    if (high < 0 || low < 0) return undefined;
    bytes[index] = 16 * high + low;
  }
  return bytes;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
