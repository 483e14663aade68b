import type { JWK } from "jose";
import { refuse } from "../reason.ts";
import { type AdapterOptions, type Attest, neededSetting } from "./adapter.ts";
import { type FetchKey, fetchText } from "./fetch-key.ts";
import { createAttest, type TokenPolicy } from "./jwt.ts";
import { type FindTokenKeys, readJwk, tokenKeyOf } from "./jwt-keys.ts";
import { parseObject } from "./jwt-token.ts";
import { createKeyCache } from "./key-cache.ts";

/** https://plaid.com/docs/api/webhooks/webhook-verification/ */
const policy: TokenPolicy = {
  name: "Plaid",
  algorithms: ["ES256"],
  token: { from: "header", name: "plaid-verification" },
  bodyHash: { claim: "request_body_sha256", encoding: "hex" },
  requires: ["iat"],
  toleranceSeconds: 300,
};

const environments = new Set(["production", "sandbox"]);
const keyIdForm = /^[A-Za-z0-9-]{1,64}$/;
const maxAgeSeconds = 3600;

interface PlaidKey {
  readonly jwk: JWK;
  readonly expiredAt: number | undefined;
}

/**
 * Plaid's tokens, whose keys are asked for by id at its API. Secrets: those of the API; settings `clientId` and
 * `environment` (`production`, the default, or `sandbox`). @throws TypeError for a setting that is missing or none.
 */
export function createPlaidAttest(options: AdapterOptions): Attest {
  const environment = options.settings["environment"] ?? "production";
  if (!environments.has(environment)) {
    throw new TypeError("Expected the setting environment of Plaid as production or sandbox.");
  }
  const url = `https://${environment}.plaid.com/webhook_verification_key/get`;
  const clientId = neededSetting(options, "clientId");
  return createAttest(policy, { ...options, findKeys: createFindKeys({ url, clientId, ...options }) });
}

interface PlaidApi {
  readonly url: string;
  readonly clientId: string;
  readonly secrets: readonly string[];
  readonly fetchKey?: FetchKey | undefined;
}

function createFindKeys(api: PlaidApi): FindTokenKeys {
  const cache = createKeyCache<PlaidKey>();
  return async ({ keyId }, nowSeconds) => {
    if (keyId === undefined || !keyIdForm.test(keyId)) {
      return refuse("malformed_header", "Expected the token to name its key.");
    }
    const load = () => fetchPlaidKey(api, keyId);
    const key = await cache.find({ name: keyId, nowSeconds, maxAgeSeconds, load });
    if (key === undefined) return refuse("key_unavailable", "The key could not be had from Plaid.");
    if (key.expiredAt !== undefined && key.expiredAt <= nowSeconds) {
      return refuse("no_matching_key", "Plaid says that the key has expired.");
    }
    return [tokenKeyOf(key.jwk, () => cache.prove(keyId))];
  };
}

async function fetchPlaidKey(
  { url, clientId, secrets, fetchKey }: PlaidApi,
  keyId: string,
): Promise<PlaidKey | undefined> {
  for (const secret of secrets) {
    const text = await fetchText(fetchKey, {
      url,
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ client_id: clientId, secret, key_id: keyId }),
    });
    const key = text === undefined ? undefined : readPlaidKey(text);
    if (key?.jwk.kid === keyId) return key;
  }
  return undefined;
}

function readPlaidKey(text: string): PlaidKey | undefined {
  const members = parseObject(new TextEncoder().encode(text))?.["key"];
  const jwk = readJwk(members);
  if (jwk === undefined) return undefined;
  const { expired_at: expiredAt } = members as { readonly expired_at?: unknown };
  return { jwk, expiredAt: typeof expiredAt === "number" ? expiredAt : undefined };
}
