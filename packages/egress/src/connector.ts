import { connect as connectTcp, isIP, type Socket } from "node:net";
import { buildConnector } from "undici";
import { isAddressAllowed, type AddressPolicy } from "./address.ts";
import type { ClientCertificate } from "./client-certificate.ts";
import { EgressError } from "./egress-error.ts";
import { limitReading } from "./limit-reading.ts";
import { createResolver } from "./resolver.ts";
import { createTunnel } from "./tunnel.ts";

export interface ConnectorOptions {
  readonly policy: AddressPolicy;
  /** Milliseconds for TCP, and as many again for TLS. */
  readonly connectTimeoutMs: number;
  readonly dnsTimeoutMs: number;
  /** How much is read in answer to one request. */
  readonly maxReadBytes: number;
  /** An HTTP proxy that all connections go through. */
  readonly proxyUrl?: string | undefined;
  readonly clientCertificate?: ClientCertificate | undefined;
}

/** A host name or an IP literal without brackets. */
interface Target {
  readonly host: string;
  readonly port: number;
}

/** A connection on which nothing has been sent to the target yet. */
export type OpenSocket = (target: Target) => Promise<Socket>;

/**
 * Opens sockets to allowed addresses only, and starts TLS on them. Throws a `TypeError` when `proxyUrl` is no proxy's.
 */
export function createConnector({
  policy,
  connectTimeoutMs,
  dnsTimeoutMs,
  maxReadBytes,
  proxyUrl,
  clientCertificate,
}: ConnectorOptions): buildConnector.connector {
  const open =
    proxyUrl === undefined
      ? createGuardedOpen({ policy, connectTimeoutMs, dnsTimeoutMs })
      : createTunnel({ proxyUrl, timeoutMs: connectTimeoutMs });
  const startTls = buildConnector({
    timeout: connectTimeoutMs,
    minVersion: "TLSv1.2",
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED cannot switch it off.
    rejectUnauthorized: true,
    allowH2: false,
    ...(clientCertificate === undefined
      ? {}
      : { cert: clientCertificate.certificate, key: clientCertificate.key }),
  });
  const limited =
    (callback: buildConnector.Callback): buildConnector.Callback =>
    (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      limitReading(socket, maxReadBytes);
      return callback(null, socket);
    };
  const connect = async (options: buildConnector.Options, callback: buildConnector.Callback) => {
    const isTls = options.protocol === "https:";
    const port = options.port === "" ? (isTls ? 443 : 80) : Number(options.port);
    let socket: Socket;
    try {
      socket = await open({ host: options.hostname.replace(/^\[|\]$/g, ""), port });
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
      return;
    }
    if (isTls) startTls({ ...options, httpSocket: socket }, limited(callback));
    else limited(callback)(null, socket);
  };
  return (options, callback) => void connect(options, callback);
}

/**
 * Three checks, because each alone has a hole: the literal (no `lookup` is ever called for it), every answer of the
 * resolver, and, before a byte is written, the address the socket really reached.
 */
function createGuardedOpen({
  policy,
  connectTimeoutMs,
  dnsTimeoutMs,
}: Omit<ConnectorOptions, "maxReadBytes">): OpenSocket {
  const resolve = createResolver({ policy, timeoutMs: dnsTimeoutMs });
  return async ({ host, port }) => {
    const isLiteral = isIP(host) !== 0;
    if (isLiteral && !isAddressAllowed(host, policy, port)) throw blocked();
    const addresses = isLiteral ? [{ address: host, family: isIP(host) }] : await resolve(host, port);
    return new Promise((succeed, fail) => {
      const socket = connectTcp({
        host,
        port,
        autoSelectFamily: true,
        lookup: (_hostname, _options, callback) => callback(null, [...addresses]),
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 60_000,
      });
      const deadline = setTimeout(() => {
        socket.destroy(new EgressError("timeout", "The connection was not made in time"));
      }, connectTimeoutMs);
      socket.once("connect", () => {
        clearTimeout(deadline);
        if (isAddressAllowed(socket.remoteAddress ?? "", policy, port)) return succeed(socket);
        return socket.destroy(blocked());
      });
      socket.on("error", (error) => {
        clearTimeout(deadline);
        fail(error);
      });
    });
  };
}

function blocked(): EgressError {
  return new EgressError("blocked_address", "The address is not allowed");
}
