import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import { isAddressAllowed, type AddressPolicy } from "./address.ts";
import { EgressError } from "./egress-error.ts";
import { createSystemLookup, type SystemLookup } from "./system-lookup.ts";
import { isPrivateName } from "./url.ts";

export interface ResolverOptions {
  readonly policy: AddressPolicy;
  /** Milliseconds until a name counts as unresolvable. */
  readonly timeoutMs: number;
}

/** The addresses of a host name, all of them allowed. Throws an `EgressError` when there are none, or one is not. */
export type ResolveHost = (hostname: string, port: number) => Promise<readonly LookupAddress[]>;

/** Of a name with more answers, all are judged and so many are tried. */
const MAX_ANSWERS = 16;
/** The first of three tries; each waits twice as long as the one before. */
const FIRST_TRY_MS = 1_000;
/** Answers by which DNS says that it has nothing, or by which it is not there at all. */
const NOTHING_IN_DNS = new Set(["ENOTFOUND", "ENODATA", "ECONNREFUSED"]);

/**
 * A resolver that refuses a name when ANY of its addresses is blocked: a name that mixes public and private answers is
 * an attack, and choosing among them is how rebinding gets through.
 *
 * It asks DNS itself, because the system's lookup keeps one of a handful of threads for as long as a hostile name
 * server likes. The system (hosts file, search domains) is asked for private names and where DNS has nothing.
 */
export function createResolver({ policy, timeoutMs }: ResolverOptions): ResolveHost {
  const system = createSystemLookup();
  return async (hostname, port) => {
    const deadlineMs = performance.now() + timeoutMs;
    const addresses = isPrivateName(hostname)
      ? await system(hostname, timeoutMs)
      : await resolvePublicName(hostname, { system, deadlineMs });
    if (addresses.some(({ address }) => !isAddressAllowed(address, policy, port)))
      throw new EgressError("blocked_address", "The name resolves to an address that is not allowed");
    return addresses.slice(0, MAX_ANSWERS);
  };
}

interface Asking {
  readonly system: SystemLookup;
  readonly deadlineMs: number;
}

async function resolvePublicName(
  hostname: string,
  { system, deadlineMs }: Asking,
): Promise<readonly LookupAddress[]> {
  const { addresses, errors } = await askDns(hostname, deadlineMs - performance.now());
  if (addresses.length > 0) return addresses;
  const isNowhere = errors.every((error) => NOTHING_IN_DNS.has(codeOf(error)));
  if (isNowhere) return system(hostname, deadlineMs - performance.now());
  throw new EgressError("dns_error", "The name could not be resolved", { cause: errors[0] });
}

interface DnsAnswer {
  readonly addresses: readonly LookupAddress[];
  readonly errors: readonly unknown[];
}

/** Both families. What has not answered at the deadline does not count; a family that fails leaves the other. */
async function askDns(hostname: string, timeoutMs: number): Promise<DnsAnswer> {
  // One for each name: it can be cancelled as a whole, reads today's resolv.conf, and shares no cache.
  const resolver = new Resolver({ timeout: FIRST_TRY_MS, tries: 3 });
  const deadline = setTimeout(() => resolver.cancel(), timeoutMs);
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  clearTimeout(deadline);
  return {
    addresses: [...addressesOf(four, 4), ...addressesOf(six, 6)],
    errors: [four, six].flatMap((result) => (result.status === "rejected" ? [result.reason] : [])),
  };
}

function addressesOf(result: PromiseSettledResult<readonly string[]>, family: 4 | 6): LookupAddress[] {
  return result.status === "fulfilled" ? result.value.map((address) => ({ address, family })) : [];
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
