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

/** Clients remembered as having brought the right key. */
const MAX_KNOWN = 10_000;
const SCHEME = /^Bearer +(\S+) *$/i;

/**
 * Makes the check of the `Authorization` header. Once an address has used up its failures, nothing from it is looked at
 * any more, unless the right key has come from it before: a client with an old key must not lock out its neighbours
 * behind the same address. Throws a `Refusal`.
 */
export function createAuth({ adminKey, failures }: AuthOptions) {
  const expected = digest(adminKey);
  const caller: Caller = { key: expected.toString("base64url") };
  const known = new Set<string>();
  return async (authorization: string | undefined, address: string | undefined): Promise<Caller> => {
    const client = clientOf(address);
    const key = SCHEME.exec(authorization ?? "")?.[1];
    const isRight = key !== undefined && timingSafeEqual(digest(key), expected);
    if (isRight && (known.has(client) || !(await failures.isUsedUp(client)))) {
      if (known.size < MAX_KNOWN) known.add(client);
      return caller;
    }
    const usage = await failures.use(client);
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
