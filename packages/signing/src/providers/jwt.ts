import type * as Jose from "jose";
import { encodeBase64 } from "../base64.ts";
import { createHeaderReader } from "../headers.ts";
import { type Refusal, refuse } from "../reason.ts";
import { type AdapterOptions, type AdapterRequest, type Attest, neededSetting } from "./adapter.ts";
import { hexOf } from "./bytes.ts";
import { type Claims, checkClaims, claimedTime } from "./jwt-claims.ts";
import { createConfiguredKeys, createFetchedKeySet, type FindTokenKeys, type TokenKey } from "./jwt-keys.ts";
import { parseObject, readToken, type UnverifiedToken } from "./jwt-token.ts";
import type { JwtAlgorithm, JwtProvider } from "./provider.ts";
import { canonicalRequest } from "./query-hash.ts";
import { parseRequestUrl } from "./request-url.ts";

/** What of a row says how its tokens are verified. */
export type TokenPolicy = Omit<JwtProvider, "id" | "kind" | "documentation" | "event">;

const maxHeaderLength = 8 * 1024;
const maxBodyLength = 1024 * 1024;

/**
 * Reads a row of tokens. The algorithms come from the row and the keys; what the token says of itself only picks among
 * them. Needs the package `jose`, which is loaded at the first request.
 *
 * @throws KeyError, or TypeError for a setting that is missing.
 */
export function createTokenAttest(policy: TokenPolicy, options: AdapterOptions): Attest {
  return createAttest(policy, { ...options, findKeys: findKeysOf(policy, options) });
}

/** `createTokenAttest` for keys that are found in another way. */
export function createAttest(
  policy: TokenPolicy,
  options: AdapterOptions & { readonly findKeys: FindTokenKeys },
): Attest {
  for (const claim of Object.values(policy.claims ?? {})) {
    if (typeof claim === "string" || options.settings[claim.setting] !== undefined) continue;
    // A setting that the row does not declare would never be asked for, and the claim never checked.
    const form = policy.settings?.[claim.setting];
    if (form === undefined || form.required === true) neededSetting(options, claim.setting);
  }
  const read = createTokenReader(policy);
  return async (request) => {
    const token = read(request);
    if ("ok" in token) return token;
    const { nowSeconds } = request;
    const keys = await options.findKeys(token, nowSeconds);
    if ("ok" in keys) return keys;
    const verified = await verifyToken(token, keys);
    if ("ok" in verified) return verified;
    const { claims, key } = verified;
    const { settings, toleranceSeconds } = options;
    const wrong = checkClaims(claims, { row: policy, settings, nowSeconds, toleranceSeconds });
    if (wrong !== undefined) return wrong;
    const isBody = policy.token.from === "wholeBody";
    const isBodyHashed = policy.bodyHash !== undefined;
    if (isBodyHashed && !(await isHashOfBody(claims, policy.bodyHash, request.body))) {
      return refuse("no_matching_key", "The body is not the one whose hash the token holds.");
    }
    const unlike = await checkQueryHash(claims, policy, { request, baseUrl: settings["baseUrl"] });
    if (unlike !== undefined) return unlike;
    key.prove?.();
    const timestamp = claimedTime(claims, "iat");
    return {
      ok: true,
      keyIndex: key.index,
      covered: isBody || isBodyHashed ? "signature" : "token",
      timestamp,
      claims,
    };
  };
}

function findKeysOf(policy: TokenPolicy, options: AdapterOptions): FindTokenKeys {
  if (policy.key === undefined || policy.key === "secret")
    return createConfiguredKeys(options.secrets, policy);
  const { setting, path = "" } = policy.key;
  const url = (options.settings[setting]?.replace(/\/$/, "") ?? "") + path;
  if (parseRequestUrl(url)?.scheme !== "https") {
    throw new TypeError(`Expected the setting ${setting} of ${policy.name} as an https URL.`);
  }
  return createFetchedKeySet(url, options.fetchKey);
}

function createTokenReader({
  token: place,
  algorithms,
}: TokenPolicy): (request: AdapterRequest) => UnverifiedToken | Refusal {
  const name = place.from === "header" ? place.name : "";
  const prefix = place.from === "header" ? (place.prefix ?? "") : "";
  const where = place.from === "header" ? `the header ${name}` : "the body";
  const reader = createHeaderReader([name]);
  return ({ headers, body }) => {
    const text = place.from === "header" ? reader.read(headers)[0] : textOf(body);
    if (text === undefined) return refuse("missing_header", `Expected ${where}.`);
    const token =
      text?.startsWith(prefix) === true
        ? readToken(text.slice(prefix.length), place.from === "header" ? maxHeaderLength : maxBodyLength)
        : undefined;
    if (token === undefined) {
      return refuse(
        "malformed_header",
        `Expected a JSON Web Token in ${where}, once${prefix && `, behind "${prefix}"`}.`,
      );
    }
    // The token's own word, held against the configuration: it can only narrow the choice.
    if (!algorithms.some((algorithm) => algorithm === token.algorithm)) {
      return refuse("unknown_scheme", `Expected a token signed with ${algorithms.join(" or ")}.`);
    }
    return token;
  };
}

function textOf(body: Uint8Array): string | null {
  return body.length > maxBodyLength ? null : new TextDecoder("latin1").decode(body);
}

let loading: Promise<typeof Jose> | undefined;

function loadJose(): Promise<typeof Jose> {
  loading ??= import("jose").catch((cause: unknown) => {
    throw new TypeError("Expected the package jose, which verifies JSON Web Tokens: npm install jose", {
      cause,
    });
  });
  return loading;
}

/** Tries every key whose kind fits. @throws TypeError without the package `jose`. */
async function verifyToken(
  token: UnverifiedToken,
  keys: readonly TokenKey[],
): Promise<{ readonly claims: Claims; readonly key: TokenKey } | Refusal> {
  const jose = await loadJose();
  const fitting = keys.filter(({ algorithms }) =>
    algorithms.some((algorithm) => algorithm === token.algorithm),
  );
  let found: { readonly payload: Uint8Array; readonly key: TokenKey } | undefined;
  for (const key of fitting) {
    const algorithm = token.algorithm as JwtAlgorithm;
    try {
      const imported = await importKey(jose, key, algorithm);
      const { payload } = await jose.compactVerify(token.text, imported, { algorithms: [algorithm] });
      found ??= { payload, key };
    } catch {
      // Another key may fit. What jose says is about the token or the key, and tells a sender nothing it may know.
    }
  }
  if (found === undefined)
    return refuse("no_matching_key", "The token was not signed with a configured key.");
  const claims = parseObject(found.payload);
  if (claims === undefined) return refuse("malformed_header", "Expected the token's claims as an object.");
  return { claims, key: found.key };
}

function importKey(jose: typeof Jose, { material }: TokenKey, algorithm: JwtAlgorithm) {
  switch (material.form) {
    case "secret":
      return material.bytes;
    case "spki":
      return jose.importSPKI(material.pem, algorithm);
    case "jwk":
      return material.jwk;
  }
}

async function isHashOfBody(
  claims: Claims,
  form: JwtProvider["bodyHash"],
  body: Uint8Array,
): Promise<boolean> {
  const given = form && claims[form.claim];
  if (typeof given !== "string") return false;
  const digest = await sha256(body);
  return given === (form?.encoding === "hex" ? hexOf(digest) : encodeBase64(digest));
}

async function checkQueryHash(
  claims: Claims,
  { queryHash }: TokenPolicy,
  { request, baseUrl }: { readonly request: AdapterRequest; readonly baseUrl: string | undefined },
): Promise<Refusal | undefined> {
  if (queryHash === undefined) return undefined;
  const { method = "POST", url = "" } = request;
  const canonical = canonicalRequest({ method, url, baseUrl });
  if (canonical === undefined) {
    return refuse("malformed_header", "Expected the URL of the request, as it was called.");
  }
  const right = hexOf(await sha256(new TextEncoder().encode(canonical)));
  if (claims[queryHash.claim] === right) return undefined;
  return refuse("no_matching_key", "The URL is not the one whose hash the token holds.");
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // A view of a shared buffer is no BufferSource; this copy is one.
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
}
