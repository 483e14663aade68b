import { parseSigningKey, signerOf } from "./key.ts";
import { headersOf, prepareToSign, type SignatureHeaders, type SignOptions } from "./unsigned.ts";

export type { SignatureHeaders, SignOptions } from "./unsigned.ts";

/**
 * Signs a request as Standard Webhooks 1.0 says and gives the headers to send with it.
 *
 * @throws TypeError for an id of another form or a body that is neither text nor bytes, RangeError for a time that is
 * none, KeyError for a bad secret or when there are no keys or more than ten.
 */
export function sign(options: SignOptions): SignatureHeaders {
  const request = prepareToSign(options);
  let signatures = "";
  for (const given of options.keys) {
    const key = typeof given === "string" ? parseSigningKey(given) : given;
    const signOne = signerOf(key);
    const signature = `${key.scheme},${signOne(request.content)}`;
    signatures = signatures === "" ? signature : `${signatures} ${signature}`;
  }
  return headersOf(request, signatures);
}
