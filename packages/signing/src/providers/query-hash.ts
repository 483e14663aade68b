import { parseRequestUrl, splitRest } from "./request-url.ts";

/** What of a request the hash covers. */
export interface HashedRequest {
  readonly method: string;
  /** The full URL as it was called. */
  readonly url: string;
  /** The URL of the app, whose path is left out in front; default: the URL's origin. */
  readonly baseUrl?: string | undefined;
}

/**
 * The request as Atlassian's query string hash has it: method, path and sorted query joined by `&`, the parameter `jwt`
 * left out, everything percent-encoded as RFC 3986 says. `undefined` for a URL that cannot be read.
 * https://developer.atlassian.com/cloud/bitbucket/query-string-hash/
 */
export function canonicalRequest({ method, url, baseUrl }: HashedRequest): string | undefined {
  const target = parseRequestUrl(url);
  const base = baseUrl === undefined ? undefined : parseRequestUrl(baseUrl);
  if (target === undefined || (baseUrl !== undefined && base === undefined)) return undefined;
  const { path, query } = splitRest(target);
  const parameters = canonicalQuery(query.slice(1));
  if (parameters === undefined) return undefined;
  const context = base === undefined ? "" : splitRest(base).path.replace(/\/$/, "");
  return `${method.toUpperCase()}&${canonicalPath(path, context)}&${parameters}`;
}

function canonicalPath(path: string, context: string): string {
  const isBelow = path === context || path.startsWith(`${context}/`);
  const rest = (isBelow ? path.slice(context.length) : path).replaceAll("&", "%26");
  return rest === "" ? "/" : rest.length > 1 && rest.endsWith("/") ? rest.slice(0, -1) : rest;
}

function canonicalQuery(query: string): string | undefined {
  const values = new Map<string, string[]>();
  try {
    for (const field of query.split("&")) {
      if (field === "") continue;
      const equals = field.indexOf("=");
      const name = decode(equals < 0 ? field : field.slice(0, equals));
      if (name === "jwt") continue;
      const list = values.get(name) ?? [];
      list.push(equals < 0 ? "" : decode(field.slice(equals + 1)));
      values.set(name, list);
    }
  } catch {
    return undefined;
  }
  return [...values]
    .toSorted(([first], [second]) => (first < second ? -1 : first > second ? 1 : 0))
    .map(([name, list]) => `${encode(name)}=${list.toSorted().map(encode).join(",")}`)
    .join("&");
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
