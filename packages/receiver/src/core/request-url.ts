import type { Origin } from "./forwarded.ts";
import { headerValue, type RequestHeaders } from "./headers.ts";

/** What is known of the URL a request was sent to. */
export interface RequestUrlOptions {
  /** Path and query, or the whole URL. */
  readonly url: string | undefined;
  readonly headers: RequestHeaders;
  readonly origin: Origin;
  /** What stands before the path in the URL the provider was given. */
  readonly publicUrl: string | undefined;
  /** Of the connection; a whole URL brings its own. */
  readonly isEncrypted: boolean;
}

/**
 * The URL as the provider called it, which some sign: what it was configured to be where that is known, else what our
 * proxies say, else what the request itself says. Its text is put together and never normalised.
 */
export function requestUrl({
  url,
  headers,
  origin,
  publicUrl,
  isEncrypted,
}: RequestUrlOptions): string | undefined {
  if (url === undefined) return undefined;
  const whole = url.startsWith("/") ? null : /^(https?):\/\/([^/?#]*)(.*)$/is.exec(url);
  const [, ownScheme, ownHost, path = url] = whole ?? [];
  if (publicUrl !== undefined) return publicUrl + path;
  const scheme = origin.scheme ?? ownScheme ?? (isEncrypted ? "https" : "http");
  const host = origin.host ?? ownHost ?? headerValue(headers, "host") ?? "";
  return `${scheme}://${host}${path}`;
}
