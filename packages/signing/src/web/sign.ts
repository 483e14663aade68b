import {
  headersOf,
  prepareToSign,
  type SignatureHeaders,
  type SignOptions,
  testOptions,
  type TestHeadersOptions,
} from "../unsigned.ts";
import { parseSigningKey, signerOf } from "./key.ts";

/**
 * Signs a request as Standard Webhooks 1.0 says and gives the headers to send with it.
 *
 * @throws (rejects) TypeError for an id of another form or a body that is neither text nor bytes, RangeError for a time
 * that is none, KeyError for a bad secret or when there are no keys or more than ten.
 */
export async function sign(options: SignOptions): Promise<SignatureHeaders> {
  const request = prepareToSign(options);
  const signatures: string[] = [];
  for (const given of options.keys) {
    const key = typeof given === "string" ? await parseSigningKey(given) : given;
    const signOne = signerOf(key);
    signatures.push(`${key.scheme},${await signOne(request.content)}`);
  }
  return headersOf(request, signatures.join(" "));
}

/** The headers of a genuine request, for the tests of a receiver. @throws what `sign` throws (rejects). */
export async function generateTestHeaders(options: TestHeadersOptions): Promise<SignatureHeaders> {
  return sign(testOptions(options));
}
