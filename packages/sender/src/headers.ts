import { SenderError } from "./errors.ts";

const MAX_HEADERS = 20;
const MAX_TOTAL_LENGTH = 4_096;
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
/** Printable Latin-1: no control character can end the header or begin another. */
const VALUE = /^[\x20-\x7e\xa0-\xff]{1,1024}$/;

/** Headers that are ours or the connection's. */
const FORBIDDEN = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
  "deprecation",
  "expect",
  "forwarded",
  "host",
  "keep-alive",
  "sunset",
  "te",
  "traceparent",
  "tracestate",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "via",
]);
const FORBIDDEN_PREFIXES = ["webhook-", "proxy-", "sec-"];

/** Custom headers of an endpoint, names in lower case. Throws a `SenderError` for what must not or cannot be sent. */
export function parseHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  if (entries.length > MAX_HEADERS)
    throw new SenderError("invalid_header", `At most ${MAX_HEADERS} custom headers`);
  for (const [name, value] of entries) checkHeader(name, value);
  const total = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (total > MAX_TOTAL_LENGTH)
    throw new SenderError("invalid_header", `Custom headers have at most ${MAX_TOTAL_LENGTH} characters`);
  return Object.fromEntries(entries);
}

function checkHeader(name: string, value: string): void {
  const shown = JSON.stringify(name.slice(0, 64));
  const refuse = (code: "invalid_header" | "forbidden_header", message: string): never => {
    const pointer = `/headers/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    throw new SenderError(code, message, { issues: [{ pointer, code, message }] });
  };
  if (!NAME.test(name)) refuse("invalid_header", `${shown} is not a header name`);
  if (FORBIDDEN.has(name) || FORBIDDEN_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    refuse("forbidden_header", `The header ${shown} cannot be set`);
  }
  if (!VALUE.test(value)) {
    refuse("invalid_header", `The value of ${shown} must be 1 to 1,024 printable Latin-1 characters`);
  }
}
