import type { webcrypto } from "node:crypto";
import { joinBytes } from "../../providers/bytes.ts";
import type { KeyedProvider } from "../../providers/interpreter.ts";
import type { HmacProvider, PublicKeyProvider, TokenProvider } from "../../providers/provider.ts";
import { readPublicKey } from "../../providers/public-key-text.ts";
import { parseSecret } from "../../providers/secret-bytes.ts";
import type { Answer, Matches, Step } from "../../providers/steps.ts";
import { areEqual } from "../bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Later = Matches<Promise<boolean>>;

/** Does steps on WebCrypto. */
export function takeLater(matchers: readonly Later[]): (step: Step) => Promise<Answer> {
  return async (step) => {
    switch (step.kind) {
      case "match":
        return (await matchers[step.key]?.(step.message, step.signatures)) ?? false;
      case "sha256":
        return sha256(step.bytes);
    }
  };
}

/** Makes what checks signatures or tokens of one secret. @throws KeyError */
export function createMatcher(row: KeyedProvider, secret: unknown): Later {
  switch (row.kind) {
    case "hmac":
      return createHmacMatcher(row, secret);
    case "token":
      return createTokenMatcher(row, secret);
    case "public-key":
      return createPublicKeyMatcher(row, secret);
  }
}

/** How WebCrypto names the hash functions of rows. */
export const hashNames = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;

function createHmacMatcher(row: HmacProvider, secret: unknown): Later {
  const bytes = parseSecret(row, secret);
  const algorithm = { name: "HMAC", hash: hashNames[row.digest] };
  let key: Promise<webcrypto.CryptoKey> | undefined;
  return async (message, signatures) => {
    key ??= crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
    const [imported, content] = [await key, joinBytes(message)];
    return anyMatches(signatures, (signature) =>
      crypto.subtle.verify(algorithm, imported, signature, content),
    );
  };
}

function createTokenMatcher({ name }: TokenProvider, secret: unknown): Later {
  const bytes = parseSecret({ name, secret: "utf8" }, secret);
  return async (_, tokens) => {
    const right = await sha256(bytes);
    return anyMatches(tokens, async (token) => areEqual(right, await sha256(token)));
  };
}

interface Call {
  readonly importing: { readonly name: string; readonly hash?: string; readonly namedCurve?: string };
  readonly verifying: { readonly name: string; readonly hash?: string };
  /** The signature as WebCrypto wants it; `undefined` for one that is none. */
  readonly read: (signature: Bytes) => Bytes | undefined;
}

const asItIs = (signature: Bytes) => signature;
const calls: Readonly<Record<PublicKeyProvider["algorithm"], Call>> = {
  ed25519: { importing: { name: "Ed25519" }, verifying: { name: "Ed25519" }, read: asItIs },
  "ecdsa-p256-sha256": {
    importing: { name: "ECDSA", namedCurve: "P-256" },
    verifying: { name: "ECDSA", hash: "SHA-256" },
    read: (signature) => rawSignature(signature, 32),
  },
  "rsa-sha256": {
    importing: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    verifying: { name: "RSASSA-PKCS1-v1_5" },
    read: asItIs,
  },
};

function createPublicKeyMatcher(row: PublicKeyProvider, secret: unknown): Later {
  const { der } = readPublicKey(secret, row);
  const { importing, verifying, read } = calls[row.algorithm];
  let key: Promise<webcrypto.CryptoKey> | undefined;
  return (message, signatures) =>
    anyMatches(signatures, async (given) => {
      const signature = read(given);
      if (signature === undefined) return false;
      try {
        key ??= crypto.subtle.importKey("spki", der, importing, false, ["verify"]);
        return await crypto.subtle.verify(verifying, await key, signature, joinBytes(message));
      } catch {
        // A point that is on no curve, or an algorithm that the runtime does not have: no signature matches.
        return false;
      }
    });
}

/** Takes every one, without an early end. */
async function anyMatches(
  signatures: readonly Bytes[],
  matches: (signature: Bytes) => Promise<boolean>,
): Promise<boolean> {
  let isMatched = false;
  for (const signature of signatures) isMatched = (await matches(signature)) || isMatched;
  return isMatched;
}

/** ECDSA's two numbers side by side, from DER (SEC 1, C.5): positive, no longer than the curve's, in the shortest form. */
function rawSignature(der: Bytes, size: number): Bytes | undefined {
  const raw = new Uint8Array(2 * size);
  let at = 2;
  for (const end of [size, 2 * size]) {
    const length = der[at + 1] ?? 0;
    const number = der.subarray(at + 2, at + 2 + length);
    const isPadded = number[0] === 0;
    const isShortest = !isPadded || (number[1] ?? 0) >= 0x80;
    const digits = isPadded ? number.subarray(1) : number;
    const isPositive = isPadded || (number[0] ?? 0x80) < 0x80;
    if (der[at] !== 2 || number.length !== length || !isShortest || !isPositive || digits.length > size)
      return undefined;
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }
  return der[0] === 0x30 && der[1] === der.length - 2 && at === der.length ? raw : undefined;
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joinBytes([bytes])));
}
