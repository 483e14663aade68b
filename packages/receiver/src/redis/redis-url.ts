/** Where a Redis is, and how to get to it. */
export type RedisTarget =
  | { readonly kind: "single"; readonly url: string; readonly replicas?: number }
  | (Servers & { readonly kind: "cluster" })
  /** The nodes are sentinels; `primary` is the name they know the primary by. */
  | (Servers & { readonly kind: "sentinel"; readonly primary: string; readonly db: number });

interface Servers {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly login: { readonly username?: string; readonly password?: string };
  readonly tls: boolean;
  readonly replicas?: number;
}

const form = /^(rediss?):\/\/(?:([^/?]*)@)?([^@/?]+)(?:\/(\d+)?)?(?:\?(.*))?$/;
const expected = "Expected redis://HOST:PORT, redis://HOST:PORT,HOST:PORT?cluster=true or …?sentinel=NAME";

/**
 * Reads the URL of an inbox. Beside `redis://` and `rediss://` (TLS) as everywhere, one with several hosts separated by
 * commas and `?cluster=true` (some nodes of a Redis Cluster) or `?sentinel=NAME` (sentinels and what they call the
 * primary). `replicas=N` says how many replicas must have an event.
 *
 * @throws TypeError for anything else, without repeating it: it may have a password.
 */
export function parseRedisUrl(url: string): RedisTarget {
  // In JavaScript it may be a variable of the environment that is not set.
  if (typeof url !== "string") throw new TypeError(`${expected}, got ${url === null ? "null" : typeof url}.`);
  const query = new URLSearchParams(url.split("?")[1] ?? "");
  const replicas = readReplicas(query.get("replicas"));
  const sentinel = query.get("sentinel");
  const isCluster = query.get("cluster") === "true";
  if (!isCluster && sentinel === null) {
    if (/^rediss?:/.test(url) && !url.includes(",")) return { kind: "single", url, ...replicas };
    throw new TypeError(`${expected}.`);
  }
  const [, scheme, login = "", hosts = "", db = "0"] = form.exec(url) ?? [];
  if (scheme === undefined || (isCluster && sentinel !== null)) throw new TypeError(`${expected}.`);
  const defaultPort = isCluster ? 6_379 : 26_379;
  const servers = {
    nodes: hosts.split(",").map((host) => readHost(host, defaultPort)),
    login: readLogin(login),
    tls: scheme === "rediss",
    ...replicas,
  };
  return sentinel === null
    ? { kind: "cluster", ...servers }
    : { kind: "sentinel", primary: sentinel, db: Number(db), ...servers };
}

function readReplicas(text: string | null): { readonly replicas?: number } {
  if (text === null) return {};
  if (/^\d$/.test(text)) return { replicas: Number(text) };
  throw new TypeError(`Expected replicas from 0 to 9 in the URL of Redis, got "${text.slice(0, 20)}".`);
}

function readHost(text: string, defaultPort: number) {
  const url = URL.parse(`redis://${text}`);
  if (url === null || url.hostname === "") throw new TypeError(`${expected}.`);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? defaultPort : Number(url.port),
  };
}

function readLogin(text: string) {
  const [username = "", ...rest] = text.split(":").map(decodeURIComponent);
  const password = rest.join(":");
  return { ...(username === "" ? {} : { username }), ...(password === "" ? {} : { password }) };
}
