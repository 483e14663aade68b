import { lookup as systemLookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { isAddressAllowed, type AddressPolicy } from "./address.ts";

/** Why a connection was refused or could not be made; `code` is one of the egress failure reasons. */
export class EgressError extends Error {
  readonly code: "blocked_address" | "dns_error";
  constructor(code: "blocked_address" | "dns_error", message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EgressError";
    this.code = code;
  }
}

export interface ResolverOptions {
  readonly policy: AddressPolicy;
  /** Milliseconds until a name counts as unresolvable. */
  readonly timeoutMs: number;
}

const MAX_ANSWERS = 16;

/**
 * A `lookup` for sockets that refuses a name when ANY of its addresses is blocked: a name that mixes public and
 * private answers is an attack, and choosing among them is how rebinding gets through.
 */
export function createGuardedLookup({ policy, timeoutMs }: ResolverOptions): LookupFunction {
  return (hostname, options, callback) => {
    let answered = false;
    const answer = (error: Error | null, addresses: LookupAddress[]) => {
      if (answered) return;
      answered = true;
      clearTimeout(timer);
      if (error !== null) return callback(error, []);
      const [first] = addresses;
      if (options.all === true || first === undefined) return callback(null, addresses);
      return callback(null, first.address, first.family);
    };
    const timer = setTimeout(
      () => answer(new EgressError("dns_error", "The name was not resolved in time"), []),
      timeoutMs,
    );
    systemLookup(hostname, { all: true, family: options.family ?? 0 }, (error, addresses) => {
      if (error !== null)
        return answer(new EgressError("dns_error", "The name could not be resolved", { cause: error }), []);
      return answer(refusalOf(addresses, policy), addresses.slice(0, MAX_ANSWERS));
    });
  };
}

function refusalOf(addresses: readonly LookupAddress[], policy: AddressPolicy): Error | null {
  if (addresses.length === 0) return new EgressError("dns_error", "The name has no address");
  const isBlocked = addresses.some(({ address }) => !isAddressAllowed(address, policy));
  return isBlocked
    ? new EgressError("blocked_address", "The name resolves to an address that is not allowed")
    : null;
}
