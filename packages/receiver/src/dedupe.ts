/**
 * Remembers which events have been handled, for a receiver that handles them before it acknowledges them.
 *
 * Rules every implementation keeps, and `describeDedupe` of `@hooks/receiver/conformance` checks:
 * - Of several that begin with the same event at once, one does.
 * - A beginning ends by itself after its lease, so that a process that died in the midst of it does not take the event
 *   with it.
 * - Every beginning counts an attempt. The attempt is the fence: who began before may neither finish nor release.
 * - Leases go by one clock, which is the dedupe's own: its processes may be on machines whose clocks are apart.
 *
 * Faults (the store is gone, hangs, refuses) are thrown; by `begin` within a second, because a sender waits.
 */
export interface Dedupe {
  /** Begins to handle an event. */
  begin(request: BeginRequest): Promise<Begun>;
  /** The event is handled, and remembered so; gives whether the beginning still held. */
  finish(begun: BegunEvent): Promise<boolean>;
  /** The event was not handled: whoever begins next may; gives whether the beginning still held. */
  release(begun: BegunEvent): Promise<boolean>;
  /** Ends connections. */
  close(): Promise<void>;
}

export interface BeginRequest {
  readonly source: string;
  readonly eventId: string;
  /** How long nobody else may begin. */
  readonly leaseMs: number;
}

export type Begun =
  | {
      readonly kind: "begun";
      /** 1 the first time. */
      readonly attempt: number;
    }
  /** Somebody else has begun, and their lease has not ended. */
  | { readonly kind: "busy" }
  /** It is handled. */
  | { readonly kind: "handled" };

/** What names one beginning. */
export interface BegunEvent extends Pick<BeginRequest, "source" | "eventId"> {
  readonly attempt: number;
}

/** How long events are remembered by default: 7 days, longer than any provider retries. */
export const rememberMs: number = 7 * 24 * 3_600_000;
