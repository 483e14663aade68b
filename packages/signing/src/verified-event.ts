declare const verified: unique symbol;

/**
 * A request whose signature was checked. Only `verify` makes one, so a function that takes a `VerifiedEvent` cannot be
 * given anything else.
 */
export interface VerifiedEvent {
  /** The `webhook-id`: the same on every attempt, so dedupe by it. */
  readonly id: string;
  /** When the attempt was sent, Unix seconds. */
  readonly timestamp: number;
  /** The bytes that were verified: the ones given, not a copy. */
  readonly body: Uint8Array;
  readonly [verified]: true;
}

/** Brands an event; for `verify` only. */
export function verifiedEvent(event: Omit<VerifiedEvent, typeof verified>): VerifiedEvent {
  // The one place where the brand is put on: it exists in the types only.
  return event as VerifiedEvent;
}
