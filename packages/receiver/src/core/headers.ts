/** Headers as `fetch` (`Headers`) or Node.js (`request.headers`) have them. */
export type RequestHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | (Iterable<[string, string]> & { get(name: string): string | null });

/**
 * The headers an event keeps, besides those its provider signs with: what it is, who signed it and how it is traced.
 * Credentials (`authorization`, `cookie`) and what belongs to the connection stay behind.
 */
const kept =
  /^(?:content-type|user-agent|traceparent|tracestate|webhook-.+|svix-.+|x-github-.+|x-hub-signature.*)$/;

/** Picks the headers that are stored and forwarded; names in lower case. */
export function keepHeaders(headers: RequestHeaders): Record<string, string> {
  const result: Record<string, string> = {};
  if (isFetchHeaders(headers)) {
    for (const [name, value] of headers) if (kept.test(name)) result[name] = value;
    return result;
  }
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const lowered = name.toLowerCase();
    if (kept.test(lowered)) result[lowered] = typeof value === "string" ? value : value.join(", ");
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
  const spelling = Object.keys(headers).find((key) => key.toLowerCase() === name);
  return spelling === undefined ? undefined : headers[spelling];
}

function isFetchHeaders(
  headers: RequestHeaders,
): headers is Iterable<[string, string]> & { get(name: string): string | null } {
  return typeof headers.get === "function";
}
