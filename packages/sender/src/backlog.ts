import { StoreUnavailableError, type NewEvent, type Outbox } from "./store.ts";

export interface BacklogLimits {
  /** Events in calls that the store has not answered. Default 20,000: what it keeps in about two seconds. */
  readonly maxEvents?: number;
  /** Memory of their JSON. Default 64 MiB. */
  readonly maxBytes?: number;
}

const MAX_EVENTS = 20_000;
const MAX_BYTES = 64 * 1_024 * 1_024;

/**
 * Publishes as the store does, but while more waits for it than memory is to hold, rejects at once with a
 * `StoreUnavailableError`: a store that answers slowly must not fill the process. One call alone may be larger. What joins
 * a transaction of the caller's waits for nobody else, and does not count.
 */
export function limitBacklog(
  publish: Outbox["publish"],
  { maxEvents = MAX_EVENTS, maxBytes = MAX_BYTES }: BacklogLimits = {},
): Outbox["publish"] {
  let waitingEvents = 0;
  let waitingBytes = 0;
  return async (events, nowMs, transaction) => {
    if (transaction !== undefined) return publish(events, nowMs, transaction);
    const bytes = bytesOf(events);
    const isTooMuch = waitingEvents + events.length > maxEvents || waitingBytes + bytes > maxBytes;
    if (isTooMuch && waitingEvents > 0) {
      const message = `The store is slow: ${waitingEvents} events wait for it, and there is no room for more`;
      throw new StoreUnavailableError(message);
    }
    waitingEvents += events.length;
    waitingBytes += bytes;
    try {
      return await publish(events, nowMs);
    } finally {
      waitingEvents -= events.length;
      waitingBytes -= bytes;
    }
  };
}

/** A character has up to two bytes in memory. */
function bytesOf(events: readonly NewEvent[]): number {
  let length = 0;
  for (const { envelope } of events) length += envelope.before.length + envelope.after.length;
  return 2 * length;
}
