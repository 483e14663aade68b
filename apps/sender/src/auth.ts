import { createHash, timingSafeEqual } from "node:crypto";
import { clientOf } from "./address.ts";
import { Refusal } from "./problem.ts";
import type { Limit } from "./rate-limit.ts";

/** Who calls: names the API key without giving it away. */
export interface Caller {
  readonly key: string;
}

export interface AuthOptions {
  readonly adminKey: string;
  /** How often an address may bring a wrong key. */
  readonly failures: Limit;
}

const SCHEME = /^Bearer +(\S+) *$/i;

/**
 * Makes the check of the `Authorization` header. An address that brings many wrong keys is answered 429 for those; the
 * right key always passes, so that a client with an old key does not lock out its neighbours behind the same address. A
 * key of 32 characters is not guessed, at whatever rate. Throws a `Refusal`.
 */
export function createAuth({ adminKey, failures }: AuthOptions) {
  const expected = digest(adminKey);
  const caller: Caller = { key: expected.toString("base64url") };
  return async (authorization: string | undefined, address: string | undefined): Promise<Caller> => {
    const key = SCHEME.exec(authorization ?? "")?.[1];
    if (key !== undefined && timingSafeEqual(digest(key), expected)) return caller;
    const usage = await failures.use(clientOf(address));
    if (!usage.ok) {
      throw new Refusal("rate_limited", "Too many requests without a valid API key from this address", {
        headers: { "retry-after": String(usage.resetSeconds) },
      });
    }
    throw new Refusal("unauthorized", "Expected Authorization: Bearer and a valid API key", {
      headers: { "www-authenticate": 'Bearer realm="hooks"' },
    });
  };
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
