import type { Egress } from "@hooks/egress";
import type { FetchKey } from "@hooks/signing/providers";

/** Providers wait for an answer of ours meanwhile. */
const timeoutMs = 5_000;

/**
 * Fetches the keys that providers publish (certificates, key sets) through `egress`: no blocked address, no redirect, at
 * most 64 kB, at most 5 s. It rejects for any answer but a whole one of status 2xx in UTF-8; verification then refuses
 * the request as `key_unavailable`, to be answered with 503.
 */
export function createFetchKey(egress: Pick<Egress, "request">): FetchKey {
  return async ({ url, method = "GET", headers = {}, body }) => {
    const request = { url, method, headers, timeoutMs };
    const result = await egress.request(body === undefined ? request : { ...request, body });
    if (result.kind === "failed") throw new Error(`The key could not be fetched: ${result.message}`);
    if (result.status < 200 || result.status > 299) {
      throw new Error(`Expected a key, got status ${result.status}.`);
    }
    if (result.truncated) throw new Error("Expected a key, got a longer answer than any is.");
    return new TextDecoder("utf-8", { fatal: true }).decode(result.body);
  };
}
