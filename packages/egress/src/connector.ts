import { buildConnector } from "undici";
import { isIP } from "node:net";
import { isAddressAllowed, type AddressPolicy } from "./address.ts";
import { createGuardedLookup, EgressError } from "./resolver.ts";

export interface ConnectorOptions {
  readonly policy: AddressPolicy;
  /** Milliseconds for TCP and TLS together. */
  readonly connectTimeoutMs: number;
  readonly dnsTimeoutMs: number;
}

/**
 * Opens sockets to allowed addresses only. Three checks, because each alone has a hole: the literal (a `lookup` is
 * never called for it), the resolver's answers, and the address the socket really reached.
 */
export function createConnector({
  policy,
  connectTimeoutMs,
  dnsTimeoutMs,
}: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    lookup: createGuardedLookup({ policy, timeoutMs: dnsTimeoutMs }),
    minVersion: "TLSv1.2",
    allowH2: false,
  });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0 && !isAddressAllowed(host, policy)) return callback(blocked(), null);
    return connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      const reached = socket.remoteAddress;
      if (reached !== undefined && isAddressAllowed(reached, policy)) return callback(null, socket);
      socket.destroy();
      return callback(blocked(), null);
    });
  };
}

function blocked(): EgressError {
  return new EgressError("blocked_address", "The address is not allowed");
}
