import { encodeBase64Url } from "../base64.ts";
import { type JwkSet, jwkSet, type PublishedKey, readPublishedKeys, thumbprintText } from "../jwk-set.ts";

/**
 * The JWK Set of public keys (`whpk_…`), for receivers of `v1a`. While a key is rotated, publish the old and the new one,
 * and the new one before the first request is signed with it.
 *
 * @throws (rejects) KeyError for what is no public key (a private one is never published), or when two keys have one
 * `kid`.
 */
export async function createJwks(keys: readonly PublishedKey[]): Promise<JwkSet> {
  const named = readPublishedKeys(keys).map(async ({ x, kid }) => ({ x, kid: kid ?? (await thumbprint(x)) }));
  return jwkSet(await Promise.all(named));
}

async function thumbprint(x: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(thumbprintText(x)));
  return encodeBase64Url(new Uint8Array(digest));
}
