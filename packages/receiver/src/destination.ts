import type { ClaimedEntry } from "./inbox.ts";

/**
 * Where accepted events go. Rules, checked by `describeDestination` of `@hooks/receiver/conformance`:
 * - `confirmed` means that the other side has the event for good; only then may the inbox forget it.
 * - Whatever happens, `deliver` answers; it never throws and never hangs beyond a timeout of its own.
 * - The same entry may be delivered more than once (after a crash, or a lost answer): the event's id goes with it.
 */
export interface Destination {
  /** Its name in the configuration; what it is owed, and what it has confirmed, is remembered under this name. */
  readonly name: string;
  deliver(entry: OutgoingEntry): Promise<DeliveryResult>;
  close(): Promise<void>;
}

/** A claimed entry whose type was read from the body where no header told it. */
export type OutgoingEntry = Pick<
  ClaimedEntry,
  "source" | "eventId" | "eventType" | "headers" | "body" | "receivedAtMs" | "attempt"
>;

export type DeliveryResult =
  | { readonly kind: "confirmed" }
  | {
      /** It may work later. */
      readonly kind: "retry";
      readonly reason: string;
      /** What the other side asked for; obeyed within limits. */
      readonly retryAfterMs?: number | undefined;
      /** Exactly so long, instead of what the schedule says: what the application's own handler asked for. */
      readonly waitMs?: number | undefined;
      /** It has too much to do: it is asked again after a minute at the earliest. */
      readonly overloaded?: boolean | undefined;
    }
  | {
      /** It will never work: the entry becomes a dead letter of this destination. */
      readonly kind: "rejected";
      readonly reason: string;
    };
