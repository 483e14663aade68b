import type { HandshakeAnswer, HandshakeRequest, HandshakeStage } from "../handshake/handshake.ts";
import type { RequestHeaders } from "../headers.ts";
import type { Refusal } from "../reason.ts";
import type { Instant } from "../time.ts";
import type { FetchKey } from "./fetch-key.ts";
import type { DedupeBy } from "./naming.ts";
import type { Provider } from "./provider.ts";
import type { VerifiedProviderEvent } from "./verified-provider-event.ts";

/** What `prepareProvider` takes. */
export interface PrepareProviderOptions {
  /** The secrets or public keys as the provider shows them; while one is rotated, the old and the new. */
  readonly secrets: readonly string[];
  /** How far the timestamp may be from the clock, either way; default: the row's, or else 300. Unused where there is no timestamp. */
  readonly toleranceSeconds?: number | undefined;
  /** What the row's `settings` ask for: the URL as it was given to the provider, a webhook's id, … */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Fetches keys that a provider publishes; needed by the rows that have no other. */
  readonly fetchKey?: FetchKey | undefined;
  /**
   * `content` makes the SHA-256 of the body the event's id, whatever the provider calls it: a captured request is then
   * known again under any other id that its sender does not sign. Two events with the same bytes count as one. Default
   * `provider`.
   */
  readonly dedupeBy?: DedupeBy | undefined;
}

/** One incoming request. */
export interface ProviderRequest {
  readonly headers: RequestHeaders;
  /** The raw body. A string or a parsed object is refused. */
  readonly body: Uint8Array | ArrayBuffer;
  /** The receiver's clock; default: now. */
  readonly now?: Instant | undefined;
  /** The request's method; some providers sign it. */
  readonly method?: string | undefined;
  /** The full public URL as the provider called it; some providers sign it. */
  readonly url?: string | undefined;
}

/**
 * What came of a provider's request. `keyIndex` is the place of the secret that matched. `covered` says what vouches for
 * the body: a signature over its bytes (of Amazon SNS, Adyen, Braintree and Twilio's forms over the members that the provider
 * signs), or only that its sender knows a token, a password or a key.
 */
export type ProviderVerification =
  | {
      readonly ok: true;
      readonly event: VerifiedProviderEvent;
      readonly keyIndex: number;
      readonly covered: "signature" | "token" | "basic";
    }
  | Refusal;

/** What verification comes to, now or later. */
export type Verifying = ProviderVerification | Promise<ProviderVerification>;

/** A provider with its secrets parsed. */
export interface PreparedProvider<
  Verification extends Verifying = Verifying,
  Answer extends HandshakeAnswer | Promise<HandshakeAnswer> = HandshakeAnswer,
> {
  readonly row: Provider;
  /** Headers (lower-case) one of which has the signature or token; empty where it stands elsewhere. */
  readonly credentialHeaders: readonly string[];
  /** Headers (lower-case) that a signature is checked with or that name the event. No token is among them. */
  readonly headers: readonly string[];
  /**
   * Verifies a request. Nothing in a request makes it throw or reject.
   *
   * @throws RangeError for a clock that is none.
   */
  verify(request: ProviderRequest): Verification;
  /**
   * Answers a request that is no event but a question whether this address is willing. Ask with `unverified` before
   * verification, and with `verified` after it.
   */
  handshake(request: HandshakeRequest, stage: HandshakeStage): Answer;
}
