import { Socket } from "node:net";
import { buildConnector, Pool } from "undici";
import type { OpenSocket } from "./connector.ts";
import { EgressError } from "./egress-error.ts";

export interface TunnelOptions {
  /** `http:` or `https:`; a user name and password in it are sent to the proxy. */
  readonly proxyUrl: string;
  /** Milliseconds for reaching the proxy and for its answer. */
  readonly timeoutMs: number;
}

/**
 * Opens connections through an HTTP proxy with CONNECT, for `http:` targets too. The proxy is told the host's name, so
 * it is the proxy that resolves it and that has to refuse blocked addresses.
 * Throws a `TypeError` when `proxyUrl` is not the URL of an HTTP proxy.
 */
export function createTunnel({ proxyUrl, timeoutMs }: TunnelOptions): OpenSocket {
  const { origin, authorization } = parseProxyUrl(proxyUrl);
  const proxy = new Pool(origin, {
    connect: buildConnector({ timeout: timeoutMs, rejectUnauthorized: true, allowH2: false }),
    allowH2: false,
    maxHeaderSize: 16_384,
  });
  return async ({ host, port }) => {
    const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const { statusCode, headers, socket } = await proxy
      .connect({
        path: authority,
        headers: { host: authority, ...authorization },
        signal: AbortSignal.timeout(timeoutMs),
      })
      .catch((cause: unknown) => {
        throw new EgressError("connect_error", "The egress proxy could not be reached", { cause });
      });
    if (statusCode === 200 && socket instanceof Socket) return socket;
    socket.on("error", () => {}).destroy();
    // Smokescreen refuses a target as if its client had not said who it is.
    const isRefused =
      statusCode === 403 || (headers["x-smokescreen-error"] !== undefined && statusCode === 407);
    throw isRefused
      ? new EgressError("blocked_address", "The egress proxy refuses the address")
      : new EgressError("connect_error", `The egress proxy answered ${statusCode}`);
  };
}

interface Proxy {
  readonly origin: string;
  readonly authorization: Readonly<Record<string, string>>;
}

function parseProxyUrl(text: string): Proxy {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new TypeError("An egress proxy is written like http://proxy.internal:4750");
  const { origin, username, password } = url;
  if (username === "" && password === "") return { origin, authorization: {} };
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const basic = `Basic ${Buffer.from(credentials).toString("base64")}`;
  return { origin, authorization: { "proxy-authorization": basic } };
}
