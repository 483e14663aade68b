import { isUint8Array } from "node:util/types";
import { contentPrefix, isId } from "./content.ts";
import { KeyError, parseSigningKey, signerOf, type SigningKey } from "./key.ts";
import { type Instant, unixSeconds } from "./time.ts";

/** What `sign` takes. */
export interface SignOptions {
  /** The event's id, the same on every attempt: 1 to 64 of `A-Z a-z 0-9 _ -`. */
  readonly id: string;
  /** When this attempt is sent: a `Date`, Unix seconds, or (from 1e11 up) Unix milliseconds. */
  readonly timestamp: Instant;
  /** The body as it will be sent. A string is signed, and must be sent, as UTF-8. */
  readonly body: Uint8Array | string;
  /** One signature is made with each key, in this order: several while a secret is rotated, or of both schemes. */
  readonly keys: readonly (SigningKey | string)[];
}

/** The three headers of a signed request. A type alias, which unlike an interface fits where any headers do. */
export type SignatureHeaders = {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
};

/** More signatures than this are refused by `verify`. */
export const maxSignatures = 10;

/**
 * Signs a request as Standard Webhooks 1.0 says and gives the headers to send with it.
 *
 * @throws TypeError for an id of another form or a body that is neither text nor bytes, RangeError for a time that is
 * none, KeyError for a bad secret or when there are no keys or more than ten.
 */
export function sign({ id, timestamp, body, keys }: SignOptions): SignatureHeaders {
  if (!isId(id)) throw new TypeError("Expected an id of 1 to 64 letters, digits, _ or -.");
  if (typeof body !== "string" && !isUint8Array(body)) {
    throw new TypeError("Expected the body as it will be sent: a string or a Uint8Array.");
  }
  if (keys.length === 0 || keys.length > maxSignatures) {
    throw new KeyError(`Expected 1 to ${maxSignatures} keys to sign with, got ${keys.length}.`);
  }
  const seconds = String(unixSeconds(timestamp));
  const content = { prefix: contentPrefix(id, seconds), body };
  let signatures = "";
  for (const given of keys) {
    const key = typeof given === "string" ? parseSigningKey(given) : given;
    const signature = `${key.scheme},${signerOf(key)(content)}`;
    signatures = signatures === "" ? signature : `${signatures} ${signature}`;
  }
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signatures };
}
