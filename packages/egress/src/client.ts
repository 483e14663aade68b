import { Agent } from "undici";
import { parseAllowedCidrs } from "./address.ts";
import { type ClientCertificate, createAgents, createCertificateCheck } from "./client-certificate.ts";
import { createConnector } from "./connector.ts";
import { exchange } from "./exchange.ts";
import { isOwnAddress } from "./own-addresses.ts";
import { forbiddenHeaderOf } from "./request-headers.ts";
import { checkUrl, createUrlCheck, type UrlCheck, type UrlPolicy } from "./url.ts";

export interface EgressOptions {
  /**
   * Ranges that may be reached although they are not public, such as `127.0.0.0/8`, or one port of them,
   * `10.1.2.0/24:8443` and `[fd12::/16]:8443`. Default: none.
   */
  readonly allowCidrs?: readonly string[];
  /** Allow `http:` URLs. Default `false`. */
  readonly allowHttp?: boolean;
  /** Sockets per origin. Default 100. */
  readonly connectionsPerOrigin?: number;
  /** For TCP, and as many again for TLS. Default 5,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Default 5,000 ms. */
  readonly dnsTimeoutMs?: number;
  /** How long an idle socket is kept. Default 10,000 ms: an address that was allowed must not be trusted for ever. */
  readonly keepAliveMs?: number;
  /** What is read of a response body; the rest is never read. Default 65,536 bytes. */
  readonly maxResponseBytes?: number;
  /** After so many requests a socket is replaced, and the name resolved and judged again. Default 1,000. */
  readonly maxRequestsPerSocket?: number;
  /**
   * An HTTP proxy (`http://proxy.internal:4750`, a user name and password may be in it) that all requests go through
   * by CONNECT. It then resolves the names, so it must refuse what must not be reached; only the URL is judged here.
   * Default: none; the proxies of the environment are ignored.
   */
  readonly proxyUrl?: string | undefined;
}

export interface EgressRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  /** Names that the client sets itself (`host`, `content-length`, …) make the request `invalid_url`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** The whole exchange: DNS, connect, send, and reading the response. */
  readonly timeoutMs: number;
  /** Shown to a server that asks who its client is. One that cannot be read makes the request `tls_error`. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Asked once, when the request is about to be written: false ends it as `unwanted`, and nothing was sent. */
  readonly isWanted?: (() => boolean) | undefined;
}

export type EgressFailure =
  | "invalid_url"
  | "blocked_address"
  | "dns_error"
  | "connect_error"
  | "tls_error"
  | "timeout"
  | "reset"
  | "response_invalid"
  | "unwanted";

/** What came of a request. Redirects are responses like any other: they are never followed. */
export type EgressResult =
  | {
      readonly kind: "response";
      readonly status: number;
      /** Names in lower case; several values of one name are joined with `, `. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      /** The body was longer than `maxResponseBytes`, and its connection was closed there. */
      readonly truncated: boolean;
      readonly durationMs: number;
    }
  | {
      readonly kind: "failed";
      readonly reason: EgressFailure;
      /** For the operator; never contains an address that a name resolved to. */
      readonly message: string;
      readonly durationMs: number;
    };

export interface Egress {
  /** Makes one request. Never throws and never takes longer than `timeoutMs`. */
  request(request: EgressRequest): Promise<EgressResult>;
  /** Whether a URL may be configured; `request` judges it again, and its resolved addresses too. */
  checkUrl(url: string): UrlCheck;
  /** Ends idle connections and waits for requests under way. */
  close(): Promise<void>;
  /** Ends all connections at once: requests under way come to `reset`. */
  destroy(): Promise<void>;
}

/**
 * An HTTP client that cannot be made to reach a blocked address: the literal, every DNS answer and the connected
 * socket are checked; redirects are not followed, bodies not decoded, proxies of the environment ignored.
 * Throws a `TypeError` when an allow rule is not a CIDR range, or `proxyUrl` not the URL of an HTTP proxy.
 */
export function createEgress({
  allowCidrs = [],
  allowHttp = false,
  connectionsPerOrigin = 100,
  connectTimeoutMs = 5_000,
  dnsTimeoutMs = 5_000,
  keepAliveMs = 10_000,
  maxResponseBytes = 65_536,
  maxRequestsPerSocket = 1_000,
  proxyUrl,
}: EgressOptions = {}): Egress {
  const policy: UrlPolicy = { ...parseAllowedCidrs(allowCidrs), isOwn: isOwnAddress, allowHttp };
  // With its own policy each: a pool of connections never outlives what it was allowed to reach.
  // A body in chunks of one byte takes six for each; the rest is for headers.
  const maxReadBytes = 8 * maxResponseBytes + 262_144;
  const agents = createAgents(
    (clientCertificate) =>
      new Agent({
        connect: createConnector({
          policy,
          connectTimeoutMs,
          dnsTimeoutMs,
          maxReadBytes,
          proxyUrl,
          clientCertificate,
        }),
        // Else the first connection to an origin holds up all others until it is known to speak HTTP/1.1.
        allowH2: false,
        connections: connectionsPerOrigin,
        keepAliveTimeout: keepAliveMs,
        keepAliveMaxTimeout: keepAliveMs,
        maxRequestsPerClient: maxRequestsPerSocket,
        maxHeaderSize: 16_384,
        // The total deadline of each request replaces undici's idle timers.
        headersTimeout: 0,
        bodyTimeout: 0,
      }),
  );
  const isUsable = createCertificateCheck();
  const judge = createUrlCheck(policy, () => performance.now());
  return {
    checkUrl: (url) => checkUrl(url, policy),
    close: () => agents.close(),
    destroy: () => agents.destroy(),
    request: (request) => {
      const target = judge(request.url);
      if (!target.ok) {
        const reason = target.code === "blocked_address" ? "blocked_address" : "invalid_url";
        return refused(reason, target.message);
      }
      const forbidden = forbiddenHeaderOf(request.headers);
      if (forbidden !== undefined)
        return refused("invalid_url", `The header ${forbidden} is the client's own and cannot be set`);
      const { clientCertificate } = request;
      if (clientCertificate !== undefined && !isUsable(clientCertificate))
        return refused("tls_error", "The client certificate cannot be read");
      return exchange({ agent: agents.of(clientCertificate), target, request, maxResponseBytes });
    },
  };
}

/** Nothing was sent. */
function refused(reason: EgressFailure, message: string): Promise<EgressResult> {
  return Promise.resolve({ kind: "failed", reason, message, durationMs: 0 });
}
