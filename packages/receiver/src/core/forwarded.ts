import { headerValue, type RequestHeaders } from "./headers.ts";

/** Whether a hop is one of our own proxies. `hop` counts from us: 0 is the peer of the connection. */
export type TrustHop = (address: string, hop: number) => boolean;

/** The header that our proxies write. The other one is whatever the client wrote into it. */
export type ForwardedHeader = "x-forwarded-for" | "forwarded";

export interface ForwardedOptions {
  readonly isTrusted: TrustHop;
  readonly header: ForwardedHeader;
}

/** A request as it reached the outermost of our proxies. */
export interface Origin {
  readonly address: string | undefined;
  /** As the proxy says it; `undefined` when there is none, or it says nothing. */
  readonly scheme: string | undefined;
  readonly host: string | undefined;
}

/**
 * Where a request came from. The list of addresses is read from the right, where our own proxies write, and only so far
 * as they reach: everything left of the first address that is not ours was written by the client.
 */
export function readOrigin(
  peer: string | undefined,
  headers: RequestHeaders,
  { isTrusted, header }: ForwardedOptions,
): Origin {
  if (peer === undefined || !isTrusted(peer, 0)) {
    return { address: peer, scheme: undefined, host: undefined };
  }
  const hops = header === "forwarded" ? readForwarded(headers) : readXForwarded(headers);
  let address = peer;
  let [scheme, host]: readonly (string | undefined)[] = [];
  for (const [index, hop] of hops.entries()) {
    // A hop tells what reached it; beyond one that says nothing there is nobody to believe.
    scheme = hop.scheme ?? scheme;
    host = hop.host ?? host;
    if (hop.address === undefined) break;
    address = hop.address;
    if (!isTrusted(address, index + 1)) break;
  }
  return { address, scheme, host };
}

/** Nearest first. */
function readXForwarded(headers: RequestHeaders): readonly Origin[] {
  const lists = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"].map((name) =>
    (headerValue(headers, name) ?? "").split(",").toReversed(),
  );
  const [addresses = [], schemes = [], hosts = []] = lists;
  // Proxies append to the first list, but most write the others anew: one value is then the nearest proxy's.
  return addresses.slice(0, maxHops).map((text, index) => ({
    address: readAddress(text.trim()),
    scheme: readScheme(schemes[index]?.trim()),
    host: readHost(hosts[index]?.trim()),
  }));
}

/** RFC 7239, nearest first. */
function readForwarded(headers: RequestHeaders): readonly Origin[] {
  const elements = splitOutsideQuotes(headerValue(headers, "forwarded") ?? "", ",").toReversed();
  return elements.slice(0, maxHops).map((element) => {
    const pairs = new Map(
      splitOutsideQuotes(element, ";").map((pair) => {
        const [name = "", value = ""] = pair.split(/=(.*)/s);
        return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/s, "$1")] as const;
      }),
    );
    return {
      address: readAddress(pairs.get("for") ?? ""),
      scheme: readScheme(pairs.get("proto")),
      host: readHost(pairs.get("host")),
    };
  });
}

/** Nobody has more proxies than that, and headers are long. */
const maxHops = 32;

function splitOutsideQuotes(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted;
    if (isQuoted || text[at] !== separator) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  return [...parts, text.slice(start)];
}

/** An address without brackets and port; `undefined` for what is none, such as `unknown` and `_hidden`. */
function readAddress(text: string): string | undefined {
  const [, bracketed, plain] =
    /^(?:\[([0-9a-f:.]+)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+)(?::\d{1,5})?)$/i.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  return /^(?=.*[.:])[0-9a-f:.]{2,45}$/i.test(address) ? address : undefined;
}

function readScheme(text: string | undefined): string | undefined {
  return text === "http" || text === "https" ? text : undefined;
}

function readHost(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Za-z0-9.:[\]-]{1,255}$/.test(text) ? text : undefined;
}
