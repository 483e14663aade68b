import { sign } from "./sign.ts";
import { type SignatureHeaders, testOptions, type TestHeadersOptions } from "./unsigned.ts";

export type { TestHeadersOptions } from "./unsigned.ts";

/** The headers of a genuine request, for the tests of a receiver. @throws what `sign` throws. */
export function generateTestHeaders(options: TestHeadersOptions): SignatureHeaders {
  return sign(testOptions(options));
}
