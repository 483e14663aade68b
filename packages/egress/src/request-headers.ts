/** What frames the request or names the connection's other end: theirs is undici's word, never a caller's. */
const OWN_NAMES = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The first of these names that only the client itself may set, such as `host`, which would choose the TLS name too. */
export function forbiddenHeaderOf(headers: Readonly<Record<string, string>>): string | undefined {
  for (const name in headers) if (OWN_NAMES.has(name.toLowerCase())) return name;
  return undefined;
}
