declare const verified: unique symbol;

/** A provider's request whose signature was checked. Only `verifyProvider` and a prepared provider make one. */
export interface VerifiedProviderEvent {
  /** The provider's id. */
  readonly provider: string;
  /** What to dedupe by. GitHub does not sign it; Standard Webhooks does. */
  readonly id: string;
  /** The event's type where a header says it; `undefined` for Standard Webhooks, which has it in the body only. */
  readonly type: string | undefined;
  /** When the request was signed, Unix seconds; `undefined` where the provider does not say. */
  readonly timestamp: number | undefined;
  /** The bytes that were verified: the ones given, not a copy. */
  readonly body: Uint8Array;
  readonly [verified]: true;
}

/** Brands an event; for the interpreters only. */
export function verifiedProviderEvent(
  event: Omit<VerifiedProviderEvent, typeof verified>,
): VerifiedProviderEvent {
  // The one place where the brand is put on: it exists in the types only.
  return event as VerifiedProviderEvent;
}
