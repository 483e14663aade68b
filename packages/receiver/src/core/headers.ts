/** Headers as `fetch` (`Headers`) or Node.js (`request.headers`) have them. */
export type RequestHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | (Iterable<[string, string]> & { get(name: string): string | null });

/** What every event keeps, whoever sent it: what it is, how it is traced and what Standard Webhooks adds. */
const kept = /^(?:content-type|user-agent|traceparent|tracestate|webhook-.+)$/;

/** Of one connection, not of the event: the next connection has its own. */
const ofConnection =
  /^(?:host|content-length|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|proxy-.+)$/;

/**
 * Picks the headers that are stored and forwarded: those every event keeps, and those its provider signs with and
 * names it by (`own`, in lower case). Other credentials (`authorization`, `cookie`) and what belongs to the connection
 * stay behind. Names in lower case.
 */
export function keepHeaders(headers: RequestHeaders, own: readonly string[] = []): Record<string, string> {
  const isKept = (name: string) => kept.test(name) || (own.includes(name) && !ofConnection.test(name));
  const result: Record<string, string> = {};
  if (isFetchHeaders(headers)) {
    for (const [name, value] of headers) if (isKept(name)) result[name] = value;
    return result;
  }
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const lowered = name.toLowerCase();
    if (isKept(lowered)) result[lowered] = typeof value === "string" ? value : value.join(", ");
  }
  return result;
}

/** The value of a header, `undefined` when it is missing. `name` is in lower case. */
export function headerValue(headers: RequestHeaders, name: string): string | undefined {
  if (isFetchHeaders(headers)) return headers.get(name) ?? undefined;
  const value = headers[name] ?? findValue(headers, name);
  return typeof value === "string" || value === undefined ? value : value.join(", ");
}

function findValue(headers: Readonly<Record<string, string | readonly string[] | undefined>>, name: string) {
  // Asked of most requests for headers that they have not.
  for (const key in headers) {
    if (key.length === name.length && key.toLowerCase() === name) return headers[key];
  }
  return undefined;
}

function isFetchHeaders(
  headers: RequestHeaders,
): headers is Iterable<[string, string]> & { get(name: string): string | null } {
  return typeof headers.get === "function";
}
