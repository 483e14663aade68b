import { rawBytes, refuseParsedBody } from "./body.ts";
import { contentPrefix, idForm, isId, isTimestamp } from "./content.ts";
import { createHeaderReader, type HeaderReader, type RequestHeaders } from "./headers.ts";
import { type Refusal, refuse } from "./reason.ts";
import type { Content } from "./scheme.ts";
import type { VerifyingKey } from "./sealed-key.ts";
import { parseSignatureList, type SignatureList } from "./signature-list.ts";
import { type VerifiedEvent, verifiedEvent } from "./verified-event.ts";
import { checkTimestamp, type Window } from "./window.ts";

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

/** The names Standard Webhooks gives them. */
export const standardNames: SignatureHeaderNames = {
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
};

/** A request that is fresh and well-formed; whether it is genuine, only a key can tell. */
export interface SignedRequest {
  readonly ok: true;
  readonly id: string;
  readonly timestamp: number;
  readonly body: Uint8Array;
  readonly content: Content;
  readonly signatures: SignatureList;
}

/** Makes a reader of requests: everything that is checked before any hashing. */
export function createRequestReader(
  names: SignatureHeaderNames,
): (options: VerifyOptions) => SignedRequest | Refusal {
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
    const signatures = parseSignatureList(signed.signature, names.signature);
    if (!signatures.ok) return signatures;
    const content = { prefix: contentPrefix(signed.id, signed.timestamp), body };
    return { ok: true, id: signed.id, timestamp, body, content, signatures };
  };
}

/** What the keys made of a request: whether it has a signature of a scheme of theirs, and the lowest that matched. */
export interface Findings {
  readonly isKnown: boolean;
  readonly keyIndex: number | undefined;
}

/** What comes of a request, once every key was tried. */
export function conclude(
  { id, timestamp, body }: SignedRequest,
  { isKnown, keyIndex }: Findings,
): Verification {
  if (keyIndex !== undefined) return { ok: true, event: verifiedEvent({ id, timestamp, body }), keyIndex };
  return isKnown
    ? refuse("no_matching_key", "None of the signatures was made with a configured key.")
    : refuse("unknown_scheme", "Expected a signature of a scheme that a configured key belongs to.");
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
  if (id === null || !isId(id)) return malformed(names.id, idForm);
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
