import { rawBytes, refuseParsedBody } from "./body.ts";
import { contentPrefix, isId, isTimestamp } from "./content.ts";
import { createHeaderReader, type HeaderReader, type RequestHeaders } from "./headers.ts";
import { matcherOf, parseVerifyingKey, type VerifyingKey } from "./key.ts";
import { type Refusal, refuse } from "./reason.ts";
import type { Content } from "./scheme.ts";
import { parseSignatureList, type SignatureList } from "./signature-list.ts";
import { checkTimestamp, type Window } from "./window.ts";
import { type VerifiedEvent, verifiedEvent } from "./verified-event.ts";

/** What `verify` takes. */
export interface VerifyOptions extends Window {
  /** The request's headers: `Headers`, or an object as in Node.js. */
  readonly headers: RequestHeaders;
  /** The raw body. A string or a parsed object is refused: the bytes that were signed are gone. */
  readonly body: Uint8Array | ArrayBuffer;
  /** The keys that may have signed; while a secret is rotated, the old and the new one. */
  readonly keys: readonly (VerifyingKey | string)[];
}

/** `keyIndex` says which of the keys matched: the lowest, when several did. */
export type Verification =
  | { readonly ok: true; readonly event: VerifiedEvent; readonly keyIndex: number }
  | Refusal;

/** The names of the three headers, lower-case. */
export interface SignatureHeaderNames {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

/** `verify`, for the header names it was made with. */
export type Verify = (options: VerifyOptions) => Verification;

/**
 * Verifies a request as Standard Webhooks 1.0 says, over its raw bytes, in constant time, every signature against every
 * key. The schemes that count come from the keys, never from the request. Nothing in a request makes it throw; a
 * configuration that cannot work does.
 *
 * @throws KeyError for a string among the keys that is no secret, RangeError for a clock or tolerance that is no number.
 */
export const verify: Verify = createVerify({
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
});

/** Makes a `verify` for senders that use the scheme under other header names. */
export function createVerify(names: SignatureHeaderNames): Verify {
  const reader = createHeaderReader([names.id, names.timestamp, names.signature]);
  return (options) => {
    const body = rawBytes(options.body);
    if (body === undefined) return refuseParsedBody(options.body);
    if (options.keys.length === 0)
      return refuse("key_unavailable", "Expected at least one key to verify with.");
    const signed = readSigned(options.headers, { names, reader });
    if (!signed.ok) return signed;
    const timestamp = Number(signed.timestamp);
    const late = checkTimestamp(timestamp, options);
    if (late !== undefined) return late;
    const list = parseSignatureList(signed.signature, names.signature);
    if (!list.ok) return list;
    const keyIndex = findKey(
      options.keys,
      { prefix: contentPrefix(signed.id, signed.timestamp), body },
      list,
    );
    if (typeof keyIndex !== "number") return keyIndex;
    return { ok: true, event: verifiedEvent({ id: signed.id, timestamp, body }), keyIndex };
  };
}

interface Signed extends SignatureHeaderNames {
  readonly ok: true;
}

function readSigned(
  headers: RequestHeaders,
  { names, reader }: { readonly names: SignatureHeaderNames; readonly reader: HeaderReader },
): Signed | Refusal {
  const [id, timestamp, signature] = reader.read(headers);
  if (id === undefined) return missing(names.id);
  if (timestamp === undefined) return missing(names.timestamp);
  if (signature === undefined) return missing(names.signature);
  if (id === null || !isId(id)) return malformed(names.id, "1 to 64 letters, digits, _ or -");
  if (timestamp === null || !isTimestamp(timestamp)) return malformed(names.timestamp, "1 to 12 digits");
  if (signature === null) return malformed(names.signature, "signatures separated by one space");
  return { ok: true, id, timestamp, signature };
}

function missing(name: string): Refusal {
  return refuse("missing_header", `Expected the header ${name}.`);
}

function malformed(name: string, form: string): Refusal {
  return refuse("malformed_header", `Expected the header ${name} exactly once, as ${form}.`);
}

/** The lowest index that matches; every key is tried. */
function findKey(keys: VerifyOptions["keys"], content: Content, list: SignatureList): number | Refusal {
  let found = -1;
  let isKnown = false;
  for (let index = keys.length - 1; index >= 0; index--) {
    const given = keys[index] ?? "";
    const key = typeof given === "string" ? parseVerifyingKey(given) : given;
    const matches = matcherOf(key);
    const signatures = list[key.scheme];
    if (signatures.length === 0) continue;
    isKnown = true;
    if (matches(content, signatures)) found = index;
  }
  if (!isKnown)
    return refuse("unknown_scheme", "Expected a signature of a scheme that a configured key belongs to.");
  if (found < 0) return refuse("no_matching_key", "None of the signatures was made with a configured key.");
  return found;
}
