import type { SignatureHeaderNames } from "../verify.ts";

/** A sender that follows Standard Webhooks, perhaps under header names of its own. Secrets: `whsec_…`, `whpk_…`. */
export interface StandardProvider {
  readonly kind: "standard-webhooks";
  /** The provider's id; becomes the event's `provider`. */
  readonly id: string;
  readonly name: string;
  /** Header names, lower-case. The event's id and timestamp come from here and are covered by the signature. */
  readonly headers: SignatureHeaderNames;
}

/** A sender that puts an HMAC of a message built from the request into a header. */
export interface HmacProvider {
  readonly kind: "hmac";
  readonly id: string;
  readonly name: string;
  /** The hash function of the HMAC. */
  readonly digest: "sha1" | "sha256" | "sha512";
  /** How a secret's text becomes key bytes. */
  readonly secret: "utf8" | "base64" | "hex";
  /** Where the signature stands, what precedes it there and how it is written. The header name is lower-case. */
  readonly signature: {
    readonly header: string;
    readonly prefix: string;
    readonly encoding: "hex" | "base64";
  };
  /** What is signed, part after part, as bytes: nothing is ever substituted into text. */
  readonly message: readonly MessagePart[];
  /** The header with the Unix seconds of signing; without one there is no protection against old requests. */
  readonly timestamp?: { readonly header: string };
  /** Headers with the event's id (the key to dedupe by) and type. */
  readonly event: { readonly id: { readonly header: string }; readonly type?: { readonly header: string } };
}

/** One part of a signed message: a literal (sent as UTF-8), or the id, the timestamp (its header's text) or the body. */
export type MessagePart = { readonly literal: string } | { readonly from: "id" | "timestamp" | "body" };

/** How a provider signs: data, read by one interpreter. */
export type Provider = StandardProvider | HmacProvider;
