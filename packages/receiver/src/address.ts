import { own } from "./core/own.ts";
import { readSubject } from "./core/subject.ts";
import type { Inbox, IncomingEvent } from "./inbox.ts";

/** Where a source's events go. */
export interface Address {
  /** Names of destinations. */
  readonly destinations: readonly string[];
  /**
   * Events with the same text or number at this path of their JSON (`subject`, `data.object.id`) go to a destination one
   * after another, in the order they came. Those without one are not held up. Default: no order.
   */
  readonly orderBy?: string | undefined;
  /** How many of its events may wait before new ones are refused. Default: what the inbox says. */
  readonly highWaterMark?: number | undefined;
}

/** The way into an inbox. */
export type InboxEntrance = Pick<Inbox, "accept" | "acceptBatch">;

/**
 * Writes on every event whom it is owed to when it is accepted. Which destinations a source has may differ from process
 * to process while a configuration is being changed; what is written is what all of them go by.
 */
export function addressEvents(
  inbox: InboxEntrance,
  addresses: Readonly<Record<string, Address>>,
): InboxEntrance {
  const address = (event: IncomingEvent): IncomingEvent => {
    const known = own(addresses, event.source);
    if (known === undefined) return event;
    const { destinations, orderBy, highWaterMark } = known;
    const subject = orderBy === undefined ? undefined : readSubject(event.body, orderBy);
    return { ...event, destinations, subject, highWaterMark };
  };
  return {
    accept: (event) => inbox.accept(address(event)),
    acceptBatch: (events) => inbox.acceptBatch(events.map(address)),
  };
}
