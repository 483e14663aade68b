/** A JSON Web Token in its parts; nothing of it is verified. */
export interface UnverifiedToken {
  readonly text: string;
  readonly algorithm: string;
  readonly keyId: string | undefined;
}

const segments = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/**
 * Reads a token in the compact form of RFC 7515, or gives `undefined`. Stricter than most decoders: the base64url of
 * each part is canonical, so that one token has one text.
 */
export function readToken(text: string, maxLength: number): UnverifiedToken | undefined {
  if (text.length > maxLength) return undefined;
  const [, ...parts] = segments.exec(text) ?? [];
  const [header] = parts;
  if (header === undefined || !parts.every(isCanonical)) return undefined;
  const values = parseObject(decodeBase64url(header));
  if (values === undefined || typeof values["alg"] !== "string") return undefined;
  const kid = values["kid"];
  if (kid !== undefined && (typeof kid !== "string" || kid.length > 256)) return undefined;
  return { text, algorithm: values["alg"], keyId: kid };
}

/** Parses an object of JSON, in UTF-8; `undefined` for anything else. */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    // Without a prototype, a name in the text cannot reach one.
    return Object.assign(Object.create(null) as Record<string, unknown>, value);
  } catch {
    return undefined;
  }
}

/** How many bits of the last digit are unused, by the length of the text modulo 4; one digit left over is no base64. */
const unusedBits = [0, undefined, 4, 2];
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function isCanonical(text: string): boolean {
  const bits = unusedBits[text.length % 4];
  return bits !== undefined && digits.indexOf(text.at(-1) ?? "") % (1 << bits) === 0;
}

function decodeBase64url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
    character.charCodeAt(0),
  );
}
