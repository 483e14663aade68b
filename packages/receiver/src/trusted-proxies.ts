import { createAddressList } from "./address-list.ts";
import { type ForwardedHeader, type Origin, readOrigin } from "./core/forwarded.ts";
import type { RequestHeaders } from "./core/headers.ts";

export interface TrustedProxiesOptions {
  /** Address ranges of our own proxies, or how many of them a request passes. Default none. */
  readonly trustedProxies?: readonly string[] | number | undefined;
  /** The header in which they write where a request came from. Default `x-forwarded-for`. */
  readonly forwardedHeader?: ForwardedHeader | undefined;
}

/** Reads where requests came from. @throws TypeError for a range that is none. */
export function createOriginReader(
  options: TrustedProxiesOptions,
): (peer: string | undefined, headers: RequestHeaders) => Origin {
  const { trustedProxies = 0, forwardedHeader: header = "x-forwarded-for" } = options;
  const isTrusted =
    typeof trustedProxies === "number"
      ? (_: string, hop: number) => hop < trustedProxies
      : createAddressList(trustedProxies);
  return (peer, headers) => readOrigin(peer, headers, { isTrusted, header });
}
