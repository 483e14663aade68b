/** Headers as `fetch` (`Headers`) or Node.js (`request.headers`) has them; names in any case. */
export type RequestHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A header that must be there at most once: its value, or why there is none. */
export type HeaderValue = { readonly value: string } | "missing" | "malformed";

/**
 * Reads a header that must be there exactly once. `name` is lower-case. Two values (an array of two, or two spellings
 * of the name) are `malformed`; values that were joined with a comma are left to the caller, whose form refuses them.
 */
export function readHeader(headers: RequestHeaders, name: string): HeaderValue {
  const value: unknown = isFetchHeaders(headers) ? headers.get(name) : recordValue(headers, name);
  if (value === undefined || value === null) return "missing";
  if (typeof value === "string") return { value };
  if (!Array.isArray(value)) return "malformed";
  if (value.length === 0) return "missing";
  return value.length === 1 && typeof value[0] === "string" ? { value: value[0] } : "malformed";
}

function isFetchHeaders(headers: RequestHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === "function";
}

function recordValue(headers: Readonly<Record<string, unknown>>, name: string): unknown {
  let found: unknown;
  for (const key in headers) {
    if (key.length !== name.length || (key !== name && key.toLowerCase() !== name)) continue;
    const value = headers[key];
    if (value === undefined) continue;
    if (found !== undefined) return [found, value];
    found = value;
  }
  return found;
}
