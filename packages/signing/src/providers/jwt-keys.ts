import type { JWK } from "jose";
import { KeyError } from "../key-error.ts";
import { type Refusal, refuse } from "../reason.ts";
import { type FetchKey, fetchText } from "./fetch-key.ts";
import type { UnverifiedToken } from "./jwt-token.ts";
import { createKeyCache } from "./key-cache.ts";
import type { JwtAlgorithm } from "./provider.ts";
import { isPem, type PublicKeyKind, readPublicKeyPem } from "./spki.ts";
import { isSecretText } from "./secret-bytes.ts";

/** A key that may have signed a token. */
export interface TokenKey {
  /** The place of the secret; 0 for a key that was fetched. */
  readonly index: number;
  /** What it signs with: follows from the key, so that a public key is never taken for a shared secret. */
  readonly algorithms: readonly JwtAlgorithm[];
  readonly material:
    | { readonly form: "secret"; readonly bytes: Uint8Array }
    | { readonly form: "spki"; readonly pem: string }
    | { readonly form: "jwk"; readonly jwk: JWK };
  /** Called once a token was verified with it. */
  readonly prove?: () => void;
}

/** Finds the keys for a token. Does not reject. */
export type FindTokenKeys = (
  token: UnverifiedToken,
  nowSeconds: number,
) => Promise<readonly TokenKey[] | Refusal>;

const byKind: Readonly<Record<PublicKeyKind, readonly JwtAlgorithm[]>> = {
  ed25519: ["EdDSA"],
  p256: ["ES256"],
  p384: ["ES384"],
  p521: ["ES512"],
  rsa: ["RS256", "RS384", "RS512"],
};
const bySecret: readonly JwtAlgorithm[] = ["HS256", "HS384", "HS512"];

/** Keys that are configured. @throws KeyError for an empty secret, PEM that is no public key, or a key of no use to the row. */
export function createConfiguredKeys(
  secrets: readonly string[],
  row: { readonly name: string; readonly algorithms: readonly JwtAlgorithm[] },
): FindTokenKeys {
  const keys = secrets.map((secret, index) => readSecret(secret, index));
  for (const { algorithms } of keys) {
    if (!algorithms.some((algorithm) => row.algorithms.includes(algorithm))) {
      throw new KeyError(`Expected a key of ${row.name} for ${row.algorithms.join(", ")}.`);
    }
  }
  const none = refuse("key_unavailable", "Expected at least one secret to verify with.");
  return () => Promise.resolve(keys.length === 0 ? none : keys);
}

function readSecret(secret: unknown, index: number): TokenKey {
  if (!isSecretText(secret)) throw new KeyError("Expected a secret, not empty.");
  if (!isPem(secret)) {
    return {
      index,
      algorithms: bySecret,
      material: { form: "secret", bytes: new TextEncoder().encode(secret) },
    };
  }
  const info = readPublicKeyPem(secret);
  if (info === undefined) throw new KeyError("Expected a public key in PEM (SubjectPublicKeyInfo).");
  return { index, algorithms: byKind[info.kind], material: { form: "spki", pem: secret } };
}

const maxAgeSeconds = 3600;
/** An unknown key id makes the set be fetched anew, this often. */
const unknownKeySeconds = 30;
const maxKeys = 20;

/** Keys of a key set (RFC 7517) at one address. */
export function createFetchedKeySet(url: string, fetchKey: FetchKey | undefined): FindTokenKeys {
  const cache = createKeyCache<readonly JWK[]>();
  const find = (nowSeconds: number, maxAge: number) =>
    cache.find({
      name: url,
      nowSeconds,
      maxAgeSeconds: maxAge,
      load: async () => {
        const text = await fetchText(fetchKey, { url, headers: { accept: "application/json" } });
        return text === undefined ? undefined : parseKeySet(text);
      },
    });
  const prove = () => cache.prove(url);
  return async ({ keyId }, nowSeconds) => {
    const isNamed = ({ kid }: JWK) => keyId === undefined || kid === keyId;
    let set = await find(nowSeconds, maxAgeSeconds);
    if (set?.some(isNamed) === false) set = await find(nowSeconds, unknownKeySeconds);
    if (set === undefined) return refuse("key_unavailable", "The provider's key set could not be fetched.");
    return set.filter(isNamed).map((jwk) => tokenKeyOf(jwk, prove));
  };
}

/** A fetched key as a key of tokens. */
export function tokenKeyOf(jwk: JWK, prove: () => void): TokenKey {
  return { index: 0, algorithms: algorithmsOf(jwk), material: { form: "jwk", jwk }, prove };
}

/** The public keys of a key set that are for signatures; `undefined` for what is none. */
function parseKeySet(text: string): readonly JWK[] | undefined {
  const set = parseJson(text);
  const keys: unknown = isObject(set) ? set["keys"] : undefined;
  if (!Array.isArray(keys)) return undefined;
  return keys.slice(0, maxKeys).flatMap((key: unknown) => readJwk(key) ?? []);
}

/** JSON, or `undefined`. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Reads a public key, taking nothing but what makes it one: no private parts, no operations. */
export function readJwk(value: unknown): JWK | undefined {
  if (!isObject(value) || (value["use"] !== undefined && value["use"] !== "sig")) return undefined;
  const jwk: Record<string, string> = {};
  for (const name of ["kty", "crv", "n", "e", "x", "y", "kid", "alg"]) {
    const member = value[name];
    if (typeof member === "string") jwk[name] = member;
  }
  return algorithmsOf(jwk).length > 0 ? jwk : undefined;
}

const byCurve: Readonly<Record<string, JwtAlgorithm>> = {
  "P-256": "ES256",
  "P-384": "ES384",
  "P-521": "ES512",
  Ed25519: "EdDSA",
};

function algorithmsOf({ kty, crv = "", alg }: JWK): readonly JwtAlgorithm[] {
  const curve = Object.hasOwn(byCurve, crv) ? byCurve[crv] : undefined;
  const possible: readonly JwtAlgorithm[] =
    kty === "RSA" ? byKind.rsa : (kty === "EC" || kty === "OKP") && curve !== undefined ? [curve] : [];
  return alg === undefined ? possible : possible.filter((algorithm) => algorithm === alg);
}
