declare const verified: unique symbol;

/** A provider's request that was verified. Only `verifyProvider` and a prepared provider make one. */
export interface VerifiedProviderEvent {
  /** The provider's id. */
  readonly provider: string;
  /** What to dedupe by: 1 to 128 of `A-Z a-z 0-9 _ . : / = + @ -`; any other text is replaced by its SHA-256 in hex. */
  readonly id: string;
  /** `content` when it is made of the body's SHA-256, because the provider names no event or because it was asked for. */
  readonly idFrom: "provider" | "content";
  /**
   * Whether the signature covers the id. Where it does not, whoever saw a request can send it again under another id;
   * `dedupeBy: "content"` keeps that out.
   */
  readonly idCovered: boolean;
  /** The event's type, where the provider says one in 1 to 128 letters, digits, spaces or `_ . : / -`. */
  readonly type: string | undefined;
  /** When the request was signed, Unix seconds; `undefined` where the provider does not say. */
  readonly timestamp: number | undefined;
  /** The number of the attempt, as the provider counts. Mostly unsigned. */
  readonly attempt?: number;
  /** The bytes that were verified: the ones given, not a copy. */
  readonly body: Uint8Array;
  /** The events of a body with several, in their order; only of providers that send such bodies. */
  readonly items?: readonly VerifiedItem[];
  readonly [verified]: true;
}

/** One event of a body with several. */
export interface VerifiedItem {
  /** As the event's `id`; made of that and the place where the provider names none. */
  readonly id: string;
  readonly type: string | undefined;
  /** JSON Pointer into the body. */
  readonly pointer: string;
}

/** Brands an event; for the interpreters only. */
export function verifiedProviderEvent(
  event: Omit<VerifiedProviderEvent, typeof verified>,
): VerifiedProviderEvent {
  // The one place where the brand is put on: it exists in the types only.
  return event as VerifiedProviderEvent;
}
