import { createEgress, type Egress, type EgressResult } from "@hooks/egress";
import { Failure, misuse } from "../failure.ts";

/** Where a test event goes, and how. */
export interface Target {
  readonly url: string;
  /** Private networks are allowed, and http to them. */
  readonly isPrivateAllowed: boolean;
}

const loopback = ["127.0.0.0/8", "::1/128"];
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

/** One's own machine is what test deliveries are for; other private addresses only on demand. */
export function openEgress({ url, isPrivateAllowed }: Target): Egress {
  const isLocal = /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(URL.parse(url)?.hostname ?? "");
  return createEgress({
    allowCidrs: isPrivateAllowed ? [...loopback, ...privateRanges] : isLocal ? loopback : [],
    allowHttp: isLocal || isPrivateAllowed,
  });
}

/** Throws `Failure` for a URL that is refused whatever it resolves to, with what to write instead. */
export function checkTarget({ url, isPrivateAllowed }: Target, egress: Egress): void {
  const check = egress.checkUrl(url);
  if (check.ok) return;
  throw misuse(
    `--to ${url} cannot be used: ${check.message}.${hintFor(check.code, { url, isPrivateAllowed })}`,
  );
}

/** A request that came to nothing, as one sentence that says where it went. */
export function undelivered(
  { reason, message }: Extract<EgressResult, { readonly kind: "failed" }>,
  target: Target,
): Failure {
  const text = `The event was not delivered to ${target.url}: ${message}.${hintFor(reason, target)}`;
  return new Failure(text, { code: reason });
}

function hintFor(code: string, { url, isPrivateAllowed }: Target): string {
  const isSchemeless = !/^\w+:\/\//.test(url);
  if (isSchemeless && (code === "invalid_url" || code === "invalid_url_scheme")) {
    const scheme = /^(?:localhost|[\d.]+)(?:[:/]|$)/.test(url) ? "http" : "https";
    return ` Did you mean ${scheme}://${url}?`;
  }
  const isPrivate = ["blocked_address", "blocked_host", "https_required"].includes(code);
  return isPrivate && !isPrivateAllowed ? " --allow-private allows private networks, and http to them." : "";
}
