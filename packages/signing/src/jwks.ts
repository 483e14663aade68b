import { createHash } from "node:crypto";
import { type JwkSet, jwkSet, type PublishedKey, readPublishedKeys, thumbprintText } from "./jwk-set.ts";

/**
 * The JWK Set of public keys (`whpk_…`), for receivers of `v1a`. While a key is rotated, publish the old and the new one,
 * and the new one before the first request is signed with it.
 *
 * @throws KeyError for what is no public key (a private one is never published), or when two keys have one `kid`.
 */
export function createJwks(keys: readonly PublishedKey[]): JwkSet {
  return jwkSet(
    readPublishedKeys(keys).map(({ x, kid }) => ({
      x,
      kid: kid ?? createHash("sha256").update(thumbprintText(x)).digest("base64url"),
    })),
  );
}
