import type {
  ClaimedEntry,
  ClaimRequest,
  Due,
  Inbox,
  InboxLimits,
  IncomingEvent,
  RenewRequest,
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

let timeMs = Date.now();

/** The clock of the inboxes under test. */
export const clock = (): number => timeMs;

interface Timed {
  /** What the clock of the inboxes under test shows from then on; default: the time that it is. */
  readonly nowMs?: number;
}

export function claim(
  inbox: Inbox,
  { nowMs = Date.now(), ...given }: Partial<ClaimRequest> & Timed = {},
): Promise<readonly ClaimedEntry[]> {
  timeMs = nowMs;
  return inbox.claim({
    source: "billing",
    destination: "orders",
    routes: ["orders"],
    limit: 100,
    leaseMs: 30_000,
    ...given,
  });
}

/** Where something may be claimable at a time; the sources are those of the suite. */
export function dueAt(inbox: Inbox, nowMs: number): Promise<readonly Due[]> {
  timeMs = nowMs;
  return inbox.due(sources);
}

const sources: ReadonlySet<string> = new Set(["billing", "other", "shipping", "support"]);

export function renew(
  inbox: Inbox,
  { nowMs = Date.now(), ...request }: RenewRequest & Timed,
): Promise<readonly boolean[]> {
  timeMs = nowMs;
  return inbox.renew(request);
}

export function settle(
  inbox: Inbox,
  { nowMs = Date.now(), settlements }: { readonly settlements: readonly Settlement[] } & Timed,
): Promise<readonly boolean[]> {
  timeMs = nowMs;
  return inbox.settle(settlements);
}

export const done = (entry: ClaimedEntry): Settlement => ({ kind: "done", claim: entry });

export const dead = (entry: ClaimedEntry): Settlement => ({
  kind: "dead",
  claim: entry,
  reason: "refused by ünï",
});

export const retry = (entry: ClaimedEntry, delayMs: number): Settlement => ({
  kind: "retry",
  claim: entry,
  delayMs,
});
