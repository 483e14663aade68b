import { isBytes } from "./body.ts";
import { contentPrefix, idForm, isId } from "./content.ts";
import { KeyError } from "./key-error.ts";
import type { Content } from "./scheme.ts";
import type { SigningKey } from "./sealed-key.ts";
import { maxSignatures } from "./signature-list.ts";
import { type Instant, unixSeconds } from "./time.ts";

/** What `sign` takes. */
export interface SignOptions {
  /** The event's id, the same on every attempt: 1 to 128 of `A-Z a-z 0-9 _ - : / = + @`. */
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

/** What `generateTestHeaders` takes. */
export interface TestHeadersOptions {
  /** Default: a random one. */
  readonly id?: string | undefined;
  /** Default: now. */
  readonly timestamp?: Instant | undefined;
  readonly body: Uint8Array | string;
  /** `whsec_…` or `whsk_…`. */
  readonly secret: string;
}

/** A request that is ready to be signed. */
export interface UnsignedRequest {
  readonly id: string;
  /** Unix seconds in digits. */
  readonly timestamp: string;
  readonly content: Content;
}

/** Checks what is to be signed. @throws what `sign` throws, but for its keys' own errors. */
export function prepareToSign({ id, timestamp, body, keys }: SignOptions): UnsignedRequest {
  if (typeof id !== "string" || !isId(id)) throw new TypeError(`Expected an id of ${idForm}.`);
  if (typeof body !== "string" && !isBytes(body)) {
    throw new TypeError("Expected the body as it will be sent: a string or a Uint8Array.");
  }
  if (keys.length === 0 || keys.length > maxSignatures) {
    throw new KeyError(`Expected 1 to ${maxSignatures} keys to sign with, got ${keys.length}.`);
  }
  const seconds = String(unixSeconds(timestamp));
  return { id, timestamp: seconds, content: { prefix: contentPrefix(id, seconds), body } };
}

/** The headers of a request with these signatures, each with its scheme in front. */
export function headersOf({ id, timestamp }: UnsignedRequest, signatures: string): SignatureHeaders {
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures };
}

/** What `sign` takes to make the headers of a test. */
export function testOptions({ id, timestamp, body, secret }: TestHeadersOptions): SignOptions {
  return { id: id ?? `msg_${crypto.randomUUID()}`, timestamp: timestamp ?? Date.now(), body, keys: [secret] };
}
