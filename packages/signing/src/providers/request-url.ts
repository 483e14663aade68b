/** A URL in its parts, as they stand in it: nothing is decoded, encoded or put in lower case but the scheme. */
export interface RequestUrl {
  readonly scheme: "http" | "https";
  readonly host: string;
  /** With its colon: `:8080`, or empty. */
  readonly port: string;
  /** Path and query: empty, or from the `/` or `?` on. */
  readonly rest: string;
}

const maxLength = 8192;
const form = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?((?:[/?][!-~]*)?)$/i;

/**
 * Splits an absolute http or https URL without credentials or fragment; `undefined` for anything else. Providers sign
 * URLs as they wrote them, so that `URL`, which normalises, would change what was signed.
 */
export function parseRequestUrl(text: string | undefined): RequestUrl | undefined {
  if (text === undefined || text.length > maxLength) return undefined;
  const [, scheme = "", host = "", port = "", rest = ""] = form.exec(text) ?? [];
  if (host === "" || rest.includes("#")) return undefined;
  return { scheme: scheme.toLowerCase() === "https" ? "https" : "http", host, port, rest };
}

/** The port a URL of that scheme has when it names none. */
export const defaultPorts: Readonly<Record<RequestUrl["scheme"], string>> = { http: ":80", https: ":443" };

/** A URL's path and query, the latter with its `?`. */
export function splitRest({ rest }: RequestUrl): { readonly path: string; readonly query: string } {
  const start = rest.indexOf("?");
  return start < 0 ? { path: rest, query: "" } : { path: rest.slice(0, start), query: rest.slice(start) };
}

/**
 * The values of a query's parameter, percent-decoded, `+` as a space; `undefined` for a name or value that is not valid
 * UTF-8 when decoded.
 */
export function queryValues(url: RequestUrl, name: string): readonly string[] | undefined {
  const values: string[] = [];
  try {
    for (const field of splitRest(url).query.slice(1).split("&")) {
      const equals = field.indexOf("=");
      const key = equals < 0 ? field : field.slice(0, equals);
      if (decode(key) === name) values.push(equals < 0 ? "" : decode(field.slice(equals + 1)));
    }
  } catch {
    return undefined;
  }
  return values;
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

const hubspotCharacters = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/** A URL as HubSpot signs it: the twelve characters of its documentation decoded, all others left as they are. */
export function hubspotUrl(url: string): string {
  return url.replace(hubspotCharacters, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}
