import { isIP } from "node:net";
import { isAddressAllowed, type AddressPolicy } from "./address.ts";

export type UrlRefusal =
  | "invalid_url"
  | "invalid_url_scheme"
  | "https_required"
  | "url_credentials_not_allowed"
  | "blocked_port"
  | "blocked_host"
  | "blocked_address";

type UrlRefused = Extract<UrlCheck, { ok: false }>;

export type UrlCheck =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly code: UrlRefusal; readonly message: string };

export interface UrlPolicy extends AddressPolicy {
  readonly allowHttp: boolean;
}

const MAX_URL_LENGTH = 2_048;

/** Ports of services that speak something other than HTTP and must never be talked to by accident or design. */
const BLOCKED_PORTS = new Set([
  0, 21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 389, 445, 465, 587, 636, 993, 995, 1433, 1521, 2049, 2375,
  2379, 3306, 3389, 4222, 5432, 5672, 6379, 9042, 9092, 9200, 11_211, 27_017,
]);

/**
 * How a URL begins when everybody reads it alike. The standard's parser also takes `https:\\host`, `https:host` and line
 * breaks within a name, which other parsers, and people who review a list of URLs, read differently.
 */
const PLAIN_URL = /^[a-z]+:\/\/[^/\\?#\s]+(?:[/?#]|$)/i;
// oxlint-disable-next-line no-control-regex -- These are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Names that never mean a host of the public internet (RFC 6761, RFC 6762, RFC 8375, RFC 9476). */
const PRIVATE_SUFFIXES = [
  "localhost",
  "local",
  "internal",
  "home.arpa",
  "test",
  "invalid",
  "onion",
  "alt",
  "lan",
];

/**
 * Whether a URL may be configured and requested, as far as that can be told without DNS: its form, scheme, port and
 * name, and its address where it is written as one. What a name resolves to is judged again at every connection.
 */
export function checkUrl(text: string, policy: UrlPolicy): UrlCheck {
  if (text.length > MAX_URL_LENGTH)
    return refuse("invalid_url", `A URL has at most ${MAX_URL_LENGTH} characters`);
  const url = URL.parse(text);
  if (url === null)
    return refuse("invalid_url", "Expected an absolute URL such as https://example.com/hooks");
  return (
    checkScheme(url, policy) ??
    checkSpelling(text) ??
    checkAuthority(url, policy) ??
    checkHost(url, policy) ?? { ok: true, url }
  );
}

/** How long a verdict stands: an address that becomes this machine's own is noticed within it. */
const REMEMBERED_MS = 1_000;
const MAX_REMEMBERED = 1_000;

/** Where a request goes. */
export interface Target {
  readonly ok: true;
  readonly origin: string;
  readonly path: string;
}

/** `checkUrl` for the same URLs over and over, as those of endpoints are. */
export function createUrlCheck(
  policy: UrlPolicy,
  elapsed: () => number,
): (text: string) => Target | UrlRefused {
  const known = new Map<string, Target | UrlRefused>();
  let forgetAtMs = 0;
  return (text) => {
    const nowMs = elapsed();
    if (nowMs >= forgetAtMs || known.size >= MAX_REMEMBERED) {
      known.clear();
      forgetAtMs = nowMs + REMEMBERED_MS;
    }
    const remembered = known.get(text);
    if (remembered !== undefined) return remembered;
    const check = checkUrl(text, policy);
    const verdict = check.ok ? targetOf(check.url) : check;
    known.set(text, verdict);
    return verdict;
  };
}

function targetOf({ origin, pathname, search }: URL): Target {
  return { ok: true, origin, path: pathname + search };
}

function checkScheme(url: URL, policy: UrlPolicy): UrlCheck | undefined {
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return refuse("invalid_url_scheme", "Expected an https URL");
  return policy.allowHttp
    ? undefined
    : refuse("https_required", "Expected an https URL; http must be allowed by configuration");
}

function checkSpelling(text: string): UrlCheck | undefined {
  return PLAIN_URL.test(text) && !CONTROL.test(text)
    ? undefined
    : refuse("invalid_url", "Expected a URL as it is usually written, such as https://example.com/hooks");
}

function checkAuthority(url: URL, { allowHttp }: UrlPolicy): UrlCheck | undefined {
  if (url.username !== "" || url.password !== "")
    return refuse("url_credentials_not_allowed", "A URL must not contain a user name or password");
  const port = portOf(url);
  const isForHttp = port === 443 || (port === 80 && allowHttp);
  const blocked = BLOCKED_PORTS.has(port) || (port < 1_024 && !isForHttp);
  return blocked ? refuse("blocked_port", `Port ${port} is not allowed`) : undefined;
}

function checkHost(url: URL, policy: UrlPolicy): UrlCheck | undefined {
  const host = hostOf(url);
  if (isIP(host) !== 0) {
    return isAddressAllowed(host, policy, portOf(url))
      ? undefined
      : refuse(
          "blocked_address",
          "The address is not public; private ranges must be allowed by configuration",
        );
  }
  // With allow rules the operator means private hosts too; their addresses are still checked at every connection.
  if (policy.allowed.length > 0) return undefined;
  return isPrivateName(host)
    ? refuse("blocked_host", "The host name is not public; private ranges must be allowed by configuration")
    : undefined;
}

/** Whether a host name can only mean something in a private network. */
export function isPrivateName(host: string): boolean {
  const name = host.replace(/\.+$/, "");
  return !name.includes(".") || PRIVATE_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`));
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

/** The host without the brackets of an IPv6 literal. */
function hostOf(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

function refuse(code: UrlRefusal, message: string): UrlCheck {
  return { ok: false, code, message };
}
