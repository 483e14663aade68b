import { Refusal } from "./problem.ts";
import type { Limit } from "./rate-limit.ts";

/**
 * Counts a request against a limit and gives the headers that say what is left
 * (draft-ietf-httpapi-ratelimit-headers). Throws a `Refusal` when nothing is.
 */
export async function throttle(limit: Limit, key: string): Promise<Readonly<Record<string, string>>> {
  const { ok, remaining, resetSeconds } = await limit.use(key);
  const headers = {
    "ratelimit-policy": `"default";q=${limit.points};w=${limit.windowSeconds}`,
    ratelimit: `"default";r=${remaining};t=${resetSeconds}`,
  };
  if (ok) return headers;
  throw new Refusal("rate_limited", `Expected at most ${limit.points} requests in ${limit.windowSeconds} s`, {
    headers: { ...headers, "retry-after": String(resetSeconds) },
  });
}
