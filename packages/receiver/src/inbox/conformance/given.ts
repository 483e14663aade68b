import type {
  ClaimedEntry,
  ClaimRequest,
  Inbox,
  InboxLimits,
  IncomingEvent,
  Settlement,
} from "../../inbox.ts";

/** Opens the present test's store; the suite closes what is opened. */
export type OpenInbox = (limits?: InboxLimits) => Promise<Inbox>;

/** The tests' clock counts from here: later than the receipt of their events, which ids are remembered from. */
export const base: number = Date.now() + 3_600_000;

export function event(given: Partial<IncomingEvent> = {}): IncomingEvent {
  return {
    source: "billing",
    eventId: "evt_1",
    eventType: "invoice.paid",
    headers: { "content-type": "application/json", "x-ü": "ü" },
    body: Buffer.from("{}"),
    receivedAtMs: Date.now(),
    ...given,
  };
}

export function claim(inbox: Inbox, given: Partial<ClaimRequest> = {}): Promise<readonly ClaimedEntry[]> {
  return inbox.claim({
    source: "billing",
    destination: "orders",
    routes: ["orders"],
    limit: 100,
    leaseMs: 30_000,
    nowMs: Date.now(),
    ...given,
  });
}

export const done = (entry: ClaimedEntry): Settlement => ({ kind: "done", claim: entry });

export const dead = (entry: ClaimedEntry): Settlement => ({
  kind: "dead",
  claim: entry,
  reason: "refused by ünï",
  nowMs: base + 12_000,
});
