import { rawBytes, refuseParsedBody } from "./body.ts";
import { contentPrefix, idForm, timestampForm } from "./content.ts";
import { readHeader, type RequestHeaders } from "./headers.ts";
import { materialOf, parseVerifyingKey, type VerifyingKey } from "./key.ts";
import { type Refusal, refuse } from "./reason.ts";
import { type Content, schemes } from "./scheme.ts";
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

const standardNames: SignatureHeaderNames = {
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
};

/**
 * Verifies a request as Standard Webhooks 1.0 says, over its raw bytes, in constant time, every signature against every
 * key. The schemes that count come from the keys, never from the request. Nothing in a request makes it throw; a
 * configuration that cannot work does.
 *
 * @throws KeyError for a string among the keys that is no secret, RangeError for a clock or tolerance that is no number.
 */
export function verify(options: VerifyOptions): Verification {
  return verifyNamed(standardNames, options);
}

/** `verify` for senders with the same scheme under other header names. */
export function verifyNamed(names: SignatureHeaderNames, options: VerifyOptions): Verification {
  const body = rawBytes(options.body);
  if (body === undefined) return refuseParsedBody(options.body);
  if (options.keys.length === 0)
    return refuse("key_unavailable", "Expected at least one key to verify with.");
  const signed = readSigned(names, options);
  if ("ok" in signed) return signed;
  const timestamp = Number(signed.timestamp);
  const late = checkTimestamp(timestamp, options);
  if (late !== undefined) return late;
  const list = parseSignatureList(signed.signature, names.signature);
  if ("ok" in list) return list as Refusal;
  const content = { prefix: contentPrefix(signed.id, signed.timestamp), body };
  const keyIndex = findKey(options.keys, content, list);
  if (typeof keyIndex !== "number") return keyIndex;
  return { ok: true, event: verifiedEvent({ id: signed.id, timestamp, body }), keyIndex };
}

const forms = { id: idForm, timestamp: timestampForm, signature: /^[^]/ };
const expectations = {
  id: "1 to 64 letters, digits, _ or -",
  timestamp: "1 to 12 digits",
  signature: "at least one signature",
};

function readSigned(names: SignatureHeaderNames, { headers }: VerifyOptions): SignatureHeaderNames | Refusal {
  const signed = { id: "", timestamp: "", signature: "" };
  for (const part of ["id", "timestamp", "signature"] as const) {
    const header = readHeader(headers, names[part]);
    if (header === "missing") return refuse("missing_header", `Expected the header ${names[part]}.`);
    if (header === "malformed" || !forms[part].test(header.value)) {
      return refuse("malformed_header", `Expected ${names[part]} exactly once, as ${expectations[part]}.`);
    }
    signed[part] = header.value;
  }
  return signed;
}

function findKey(keys: VerifyOptions["keys"], content: Content, list: SignatureList): number | Refusal {
  let found = -1;
  let known = false;
  for (let index = keys.length - 1; index >= 0; index--) {
    const given = keys[index] ?? "";
    const key = typeof given === "string" ? parseVerifyingKey(given) : given;
    const material = materialOf(key, "verifying");
    const signatures = list[key.scheme];
    if (signatures === undefined) continue;
    known = true;
    if (schemes[key.scheme].matches(material, content, signatures)) found = index;
  }
  if (!known)
    return refuse("unknown_scheme", "Expected a signature of a scheme that a configured key belongs to.");
  if (found < 0) return refuse("no_matching_key", "None of the signatures was made with a configured key.");
  return found;
}
