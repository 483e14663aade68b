import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { decodeBase64 } from "../base64.ts";
import { createHeaderReader } from "../headers.ts";
import { type Refusal, refuse } from "../reason.ts";
import { type AdapterOptions, type Attest, neededSetting } from "./adapter.ts";
import { fetchText } from "./fetch-key.ts";
import { parseObject } from "./jwt-token.ts";
import { createKeyCache } from "./key-cache.ts";
import { readPublicKeyPem } from "./spki.ts";

const hosts: Readonly<Record<string, string>> = {
  production: "api.ebay.com",
  sandbox: "api.sandbox.ebay.com",
};
const keyIdForm = /^[A-Za-z0-9-]{1,64}$/;
const maxHeaderLength = 2048;
const maxAgeSeconds = 24 * 3600;

/** What eBay says of a key, in its own words, and what that is here. */
const digests: Readonly<Record<string, string>> = { SHA1: "sha1", SHA256: "sha256" };

interface EbayKey {
  readonly key: KeyObject;
  readonly digest: string;
}

/**
 * eBay's notifications, whose keys are asked for by id at its API. Secrets: the client secrets of the application;
 * settings `clientId` and `environment` (`production`, the default, or `sandbox`). An access token is fetched for each
 * key; keys are kept for a day.
 * https://developer.ebay.com/api-docs/commerce/notification/overview.html
 */
export function createEbayAttest(options: AdapterOptions): Attest {
  const environment = options.settings["environment"] ?? "production";
  const host = Object.hasOwn(hosts, environment) ? hosts[environment] : undefined;
  if (host === undefined) {
    throw new TypeError("Expected the setting environment of eBay as production or sandbox.");
  }
  const api = { ...options, host, clientId: neededSetting(options, "clientId") };
  const cache = createKeyCache<EbayKey>();
  const reader = createHeaderReader(["x-ebay-signature"]);
  return async ({ headers, body, nowSeconds }) => {
    const sent = readSignature(reader.read(headers)[0]);
    if ("ok" in sent) return sent;
    const { keyId: name, signature } = sent;
    const found = await cache.find({ name, nowSeconds, maxAgeSeconds, load: () => fetchEbayKey(api, name) });
    if (found === undefined) return refuse("key_unavailable", "The key could not be had from eBay.");
    if (!verify(found.digest, body, found.key, signature)) {
      return refuse("no_matching_key", "The signature was not made with eBay's key over these bytes.");
    }
    cache.prove(name);
    return { ok: true, keyIndex: 0, covered: "signature", timestamp: undefined };
  };
}

interface EbaySignature {
  readonly keyId: string;
  readonly signature: Uint8Array;
}

function readSignature(header: string | undefined | null): EbaySignature | Refusal {
  if (header === undefined) return refuse("missing_header", "Expected the header x-ebay-signature.");
  const isShort = header !== null && header.length <= maxHeaderLength;
  const bytes = isShort ? decodeBase64(header) : undefined;
  const { kid, signature } = (bytes && parseObject(bytes)) ?? {};
  const decoded = typeof signature === "string" ? decodeBase64(signature) : undefined;
  if (typeof kid !== "string" || !keyIdForm.test(kid) || decoded === undefined || decoded.length > 72) {
    return refuse(
      "malformed_header",
      "Expected x-ebay-signature once, as base64 of JSON with kid and signature.",
    );
  }
  return { keyId: kid, signature: decoded };
}

interface EbayApi extends AdapterOptions {
  readonly host: string;
  readonly clientId: string;
}

async function fetchEbayKey(api: EbayApi, keyId: string): Promise<EbayKey | undefined> {
  for (const secret of api.secrets) {
    const token = await fetchAccessToken(api, secret);
    if (token === undefined) continue;
    const text = await fetchText(api.fetchKey, {
      url: `https://${api.host}/commerce/notification/v1/public_key/${keyId}`,
      headers: { authorization: `Bearer ${token}`, accept: "application/json" },
    });
    return text === undefined ? undefined : readEbayKey(text);
  }
  return undefined;
}

async function fetchAccessToken(
  { host, clientId, fetchKey }: EbayApi,
  secret: string,
): Promise<string | undefined> {
  const text = await fetchText(fetchKey, {
    url: `https://${host}/identity/v1/oauth2/token`,
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: "grant_type=client_credentials&scope=https%3A%2F%2Fapi.ebay.com%2Foauth%2Fapi_scope",
  });
  const token = text === undefined ? undefined : parseObject(Buffer.from(text))?.["access_token"];
  return typeof token === "string" && /^[!-~]{1,8192}$/.test(token) ? token : undefined;
}

function readEbayKey(text: string): EbayKey | undefined {
  const { key, algorithm, digest } = parseObject(Buffer.from(text)) ?? {};
  if (typeof key !== "string" || algorithm !== "ECDSA" || typeof digest !== "string") return undefined;
  const info = readPublicKeyPem(key);
  const name = Object.hasOwn(digests, digest) ? digests[digest] : undefined;
  if (info?.kind !== "p256" || name === undefined) return undefined;
  try {
    return {
      key: createPublicKey({ key: Buffer.from(info.der), format: "der", type: "spki" }),
      digest: name,
    };
  } catch {
    return undefined;
  }
}
