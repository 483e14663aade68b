import { matcherOf, parseVerifyingKey } from "./key.ts";
import {
  conclude,
  createRequestReader,
  type SignatureHeaderNames,
  standardNames,
  type Verification,
  type VerifyOptions,
} from "./request.ts";

export type { SignatureHeaderNames, Verification, VerifyOptions } from "./request.ts";

/** `verify`, for the header names it was made with. */
export type Verify = (options: VerifyOptions) => Verification;

/**
 * Verifies a request as Standard Webhooks 1.0 says, over its raw bytes, in constant time, every signature against every
 * key. The schemes that count come from the keys, never from the request. Nothing in a request makes it throw; a
 * configuration that cannot work does.
 *
 * @throws KeyError for a string among the keys that is no secret, RangeError for a clock or tolerance that is no number.
 */
export const verify: Verify = createVerify(standardNames);

/** Makes a `verify` for senders that use the scheme under other header names. */
export function createVerify(names: SignatureHeaderNames): Verify {
  const read = createRequestReader(names);
  return (options) => {
    const request = read(options);
    if (!request.ok) return request;
    let keyIndex: number | undefined;
    let isKnown = false;
    // From the last to the first, so that the lowest index that matches is left.
    for (let index = options.keys.length - 1; index >= 0; index--) {
      const given = options.keys[index] ?? "";
      const key = typeof given === "string" ? parseVerifyingKey(given) : given;
      const matches = matcherOf(key);
      const signatures = request.signatures[key.scheme];
      if (signatures.length === 0) continue;
      isKnown = true;
      if (matches(request.content, signatures)) keyIndex = index;
    }
    return conclude(request, { isKnown, keyIndex });
  };
}
