import { defaultSchedule, type Schedule } from "@hooks/retry";
import { createBatch } from "./batch.ts";
import { claimUntilStopped } from "./claiming.ts";
import { type Answer, decide, type Verdict } from "./core/settlement.ts";
import { own } from "./core/own.ts";
import { readEventType } from "./core/event-type.ts";
import { describeError } from "./describe-error.ts";
import type { DeliveryResult, Destination, OutgoingEntry } from "./destination.ts";
import { guardReport } from "./guard-report.ts";
import type { ClaimedEntry, Inbox, Settlement } from "./inbox.ts";
import type { Lane, Target } from "./lanes.ts";
import { createSlots, type Slots } from "./slots.ts";
import type { InboxReport } from "./tasks.ts";
import { pause, within } from "./within.ts";

/** What a relay needs of an inbox. */
export type RelayInbox = Pick<
  Inbox,
  "claim" | "renew" | "settle" | "due" | "wait" | "owed" | "failsBySource"
>;

export interface RelayOptions {
  readonly inbox: RelayInbox;
  /** The destinations of each source. What comes in through a source without any stays in the inbox, for whoever claims it. */
  readonly routes: Readonly<Record<string, readonly Destination[]>>;
  /**
   * Since when those are the routes, in Unix milliseconds. What came later for a destination that is not among them is left to
   * another relay, which may know it by then. Default: now.
   */
  readonly sinceMs?: number;
  /** The waits between attempts. Default: `defaultSchedule` of `@hooks/retry`. */
  readonly schedule?: Schedule;
  /** Other waits for destinations, by name. */
  readonly schedules?: Readonly<Record<string, Schedule>>;
  /** Entries in flight per source and destination. Default 64: a hanging destination holds up nobody else. */
  readonly concurrency?: number;
  /** Default 10,000 ms: so soon another process takes over what a dead one held. */
  readonly leaseMs?: number;
  /** Default 3,000 ms: three chances to renew within a lease. */
  readonly heartbeatMs?: number;
  /** How often is looked for what is due again, and for what other processes have left. Default 250 ms. */
  readonly pollMs?: number;
  /** Should not throw; what it throws becomes a process warning. */
  readonly report?: (report: RelayReport) => void;
  readonly random?: () => number;
}

/** One wide event per attempt of an entry at a destination, and one when the inbox goes away or comes back. */
export type RelayReport =
  | {
      readonly kind: "attempt";
      readonly source: string;
      readonly destination: string;
      readonly eventId: string;
      readonly eventType: string | undefined;
      readonly attempt: number;
      /**
       * `stale`: it could not be recorded, because another process had taken over, whose settlement counts, or because the
       * inbox was away until the relay was stopped; then the entry is delivered again.
       */
      readonly outcome: Verdict["kind"] | "stale";
      /** What stood in the way of `done`. */
      readonly reason: string | undefined;
      /** From receipt to this settlement. */
      readonly ageMs: number;
      readonly durationMs: number;
    }
  | InboxReport;

export interface Relay {
  /** Begins to work; survives outages of inbox and destinations by itself. */
  start(): void;
  /** Claims no more and waits for what is in flight, at most `timeoutMs` (default 20,000). Leases end the rest. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/**
 * Takes entries from the inbox to their destinations: claim, deliver, decide, settle, report. Each destination of a source
 * is served on its own, so that a slow or dead one holds up nobody else; an entry leaves the inbox when all are through.
 * What a destination that is no longer among the routes of its source was owed when they were made becomes a dead letter
 * with the reason `destination_removed`.
 *
 * An entry claimed more often than the schedule has attempts, because processes ended in the midst of handling it, is
 * not delivered again: it becomes a dead letter with the reason `interrupted_repeatedly`.
 */
export function createRelay(options: RelayOptions): Relay {
  const { inbox, routes, heartbeatMs = 3_000, pollMs = 250, leaseMs = 10_000, concurrency = 64 } = options;
  const { random = Math.random, schedule = defaultSchedule, schedules = {} } = options;
  const report = guardReport(options.report ?? (() => {}));
  const slots = createSlots<Held>(concurrency);
  const settle = createSettling(inbox);
  const relay: Running = {
    inbox,
    slots,
    settle,
    random,
    report,
    schedule,
    schedules,
    leaseMs,
    sinceMs: options.sinceMs ?? Date.now(),
  };
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let heartbeat: NodeJS.Timeout | undefined;

  return {
    start: () => {
      const { signal } = stopping;
      const claim = (lane: Lane) => claimAndDeliver(relay, lane, signal);
      running ??= claimUntilStopped({ stopping: signal, inbox, routes, slots, pollMs, report, claim });
      heartbeat ??= setInterval(() => void renew(relay), heartbeatMs);
    },
    stop: async ({ timeoutMs = 20_000 } = {}) => {
      stopping.abort();
      slots.ring();
      await within(timeoutMs, Promise.resolve(running).then(slots.drained));
      clearInterval(heartbeat);
    },
  };
}

interface Running extends Required<
  Pick<RelayOptions, "inbox" | "random" | "report" | "schedule" | "schedules" | "leaseMs" | "sinceMs">
> {
  readonly slots: Slots<Held>;
  readonly settle: (settlement: Settlement) => Promise<boolean>;
}

/** What is in flight, by the claim that counts now. */
interface Held {
  readonly key: string;
  claim: ClaimedEntry;
}

async function claimAndDeliver(relay: Running, lane: Lane, stopping: AbortSignal): Promise<number> {
  const { inbox, slots, leaseMs, sinceMs } = relay;
  const { name, source, routes, destination } = lane;
  const entries = await inbox.claim({
    source,
    destination: destination.name,
    routes,
    limit: slots.free(name),
    leaseMs,
    sinceMs,
  });
  for (const entry of entries) {
    const { key } = entry;
    const before = slots.find(name, key);
    if (before !== undefined) {
      // Its lease has run out here: the inbox was away, or its clock was set forward. It is under way all the same.
      before.claim = entry;
      continue;
    }
    const held: Held = { key, claim: entry };
    const attempting = attempt(relay, { held, destination, stopping }).finally(() => {
      // The next of its subject may be due now.
      if (entry.subject !== undefined) slots.ring();
    });
    void slots.hold(name, held, attempting);
  }
  return entries.length;
}

interface Attempt {
  readonly held: Held;
  readonly destination: Target;
  readonly stopping: AbortSignal;
}

/** One attempt of one entry at one destination, to its end. Never rejects. */
async function attempt(relay: Running, one: Attempt): Promise<void> {
  const { schedules, random, report } = relay;
  const { destination, held } = one;
  const entry = held.claim;
  const { name } = destination;
  const schedule = own(schedules, name) ?? relay.schedule;
  const started = performance.now();
  const outgoing: OutgoingEntry = { ...entry, eventType: entry.eventType ?? readEventType(entry.body) };
  const answer: Answer =
    entry.attempt > schedule.length
      ? { kind: "rejected", reason: "interrupted_repeatedly" }
      : await deliver(destination, outgoing);
  const verdict = decide({ attempt: entry.attempt, answer, schedule, random });
  const endedMs = performance.now();
  const recorded = await settlePatiently(relay, one, (claim) => toSettlement(claim, verdict, endedMs));
  report({
    kind: "attempt",
    source: entry.source,
    destination: name,
    eventId: entry.eventId,
    eventType: outgoing.eventType,
    attempt: entry.attempt,
    outcome: recorded ? verdict.kind : "stale",
    reason: verdict.reason,
    ageMs: Date.now() - entry.receivedAtMs,
    durationMs: performance.now() - started,
  });
}

/** What ends in one turn of the event loop is settled together, where one source's fault is not another's. */
function createSettling(inbox: RelayInbox): Running["settle"] {
  const batches = new Map<string, Running["settle"]>();
  return (settlement) => {
    const name = inbox.failsBySource === true ? settlement.claim.source : "";
    const batch =
      batches.get(name) ??
      createBatch((settlements: readonly Settlement[]) => inbox.settle(settlements), 256);
    batches.set(name, batch);
    return batch(settlement);
  };
}

/** A destination promises not to throw; one that breaks its promise must not take the relay down. */
async function deliver(destination: Target, entry: OutgoingEntry): Promise<DeliveryResult> {
  try {
    return await destination.deliver(entry);
  } catch (error) {
    return { kind: "retry", reason: `destination failed: ${describeError(error)}` };
  }
}

/** @param endedMs When the attempt ended, by `performance.now()`: until this can be recorded, a while may pass. */
function toSettlement(claim: ClaimedEntry, verdict: Verdict, endedMs: number): Settlement {
  if (verdict.kind !== "retry") return { ...verdict, claim };
  const delayMs = Math.max(0, Math.ceil(endedMs + verdict.delayMs - performance.now()));
  return { kind: "retry", claim, delayMs };
}

/**
 * A result that cannot be recorded because the inbox is away would be a second delivery, so it is tried until the
 * inbox is back; the fence refuses it if another process took the entry over meanwhile. False when that happened, or
 * when the relay is told to stop first.
 */
async function settlePatiently(
  { settle }: Running,
  { held, stopping }: Attempt,
  settlementOf: (claim: ClaimedEntry) => Settlement,
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    const { claim } = held;
    try {
      if (await settle(settlementOf(claim))) return true;
      // Unless it was this one that took it over from itself.
      if (held.claim === claim) return false;
    } catch {
      if (stopping.aborted) return false;
      await pause(Math.min(100 * tries, 1_000), stopping);
    }
  }
}

async function renew({ inbox, slots, leaseMs }: Running): Promise<void> {
  const claims = slots.held().map(({ claim }) => claim);
  // A failed renewal is tried again at the next heartbeat; a lost lease shows when the entry is settled.
  if (claims.length > 0) await inbox.renew({ claims, leaseMs }).catch(() => {});
}
