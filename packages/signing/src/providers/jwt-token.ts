import { decodeBase64Url } from "../base64.ts";

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
  const [header, ...others] = parts.map(decodeBase64Url);
  if (header === undefined || others.includes(undefined)) return undefined;
  const values = parseObject(header);
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
