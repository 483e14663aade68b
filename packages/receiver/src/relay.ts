import { defaultSchedule, type Schedule } from "@hooks/retry";
import { createBatch } from "./batch.ts";
import { type Answer, decide, type Verdict } from "./core/settlement.ts";
import { readEventType } from "./core/event-type.ts";
import type { DeliveryResult, Destination, OutgoingEntry } from "./destination.ts";
import { guardReport } from "./guard-report.ts";
import type { ClaimedEntry, Inbox, Settlement } from "./inbox.ts";
import { createSlots, type Slots } from "./slots.ts";
import { within } from "./within.ts";

export interface RelayOptions {
  readonly inbox: Inbox;
  /** The destinations of each source. What comes in through a source without any stays in the inbox, for whoever claims it. */
  readonly routes: Readonly<Record<string, readonly Destination[]>>;
  /** The waits between attempts. Default: `defaultSchedule` of `@hooks/retry`. */
  readonly schedule?: Schedule;
  /** Entries in flight per source. Default 64: a hanging destination holds up its own sources only. */
  readonly concurrency?: number;
  /** Default 10,000 ms: so soon another process takes over what a dead one held. */
  readonly leaseMs?: number;
  /** Default 3,000 ms: three chances to renew within a lease. */
  readonly heartbeatMs?: number;
  /** How often due retries are looked for. Default 250 ms. */
  readonly pollMs?: number;
  /** Should not throw; what it throws becomes a process warning. */
  readonly report?: (report: RelayReport) => void;
  readonly clock?: () => number;
  readonly random?: () => number;
}

/** One wide event per attempt of an entry, and one when the inbox goes away or comes back. */
export type RelayReport =
  | {
      readonly kind: "attempt";
      readonly source: string;
      readonly eventId: string;
      readonly eventType: string | undefined;
      readonly attempt: number;
      /** `stale`: another process had taken over; its settlement counts. */
      readonly outcome: Verdict["kind"] | "stale";
      /** Why it became a dead letter. */
      readonly reason: string | undefined;
      /** What each destination that was tried answered. */
      readonly answers: Readonly<Record<string, Answer>>;
      /** From receipt to this settlement. */
      readonly ageMs: number;
      readonly durationMs: number;
    }
  | { readonly kind: "inbox_unavailable"; readonly error: unknown }
  | { readonly kind: "inbox_available" };

export interface Relay {
  /** Begins to work; survives outages of inbox and destinations by itself. */
  start(): void;
  /** Claims no more and waits for what is in flight, at most `timeoutMs` (default 20,000). Leases end the rest. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/**
 * Takes entries from the inbox to their destinations: claim, deliver, decide, settle, report.
 *
 * An entry claimed more often than the schedule has attempts, because processes ended in the midst of handling it, is
 * not delivered again: it becomes a dead letter with the reason `interrupted_repeatedly`.
 */
export function createRelay(options: RelayOptions): Relay {
  const { inbox, routes, heartbeatMs = 3_000, pollMs = 250, leaseMs = 10_000, concurrency = 64 } = options;
  const { clock = Date.now, random = Math.random, schedule = defaultSchedule } = options;
  const report = guardReport(options.report ?? (() => {}));
  const routed = Object.keys(routes).filter((source) => (routes[source] ?? []).length > 0);
  const slots = createSlots<ClaimedEntry>(routed, concurrency);
  const settle = createBatch((batch: readonly Settlement[]) => inbox.settle(batch), 256);
  const relay: Running = { inbox, routes, slots, settle, clock, random, report, schedule, leaseMs, pollMs };
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let heartbeat: NodeJS.Timeout | undefined;

  return {
    start: () => {
      running ??= run(relay, stopping.signal);
      heartbeat ??= setInterval(() => void renew(relay), heartbeatMs);
    },
    stop: async ({ timeoutMs = 20_000 } = {}) => {
      stopping.abort();
      await within(timeoutMs, Promise.resolve(running).then(slots.drained));
      clearInterval(heartbeat);
    },
  };
}

interface Running extends Required<
  Pick<RelayOptions, "inbox" | "routes" | "clock" | "random" | "report" | "schedule">
> {
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly slots: Slots<ClaimedEntry>;
  readonly settle: (settlement: Settlement) => Promise<boolean>;
}

async function run(relay: Running, stopping: AbortSignal): Promise<void> {
  const { inbox, slots, pollMs, report } = relay;
  let failures = 0;
  while (!stopping.aborted) {
    // Asked for before the sources: a slot that is freed while another source is being claimed must end the wait.
    const freed = slots.freed();
    const sources = slots.freeSources();
    try {
      const counts = await Promise.all(sources.map((source) => claimAndDeliver(relay, source, stopping)));
      if (failures > 0) report({ kind: "inbox_available" });
      failures = 0;
      if (counts.some((count) => count > 0)) continue;
    } catch (error) {
      if (failures === 0) report({ kind: "inbox_unavailable", error });
      failures += 1;
    }
    // While the inbox is away, waiting on it may return at once; a plain pause keeps the loop from spinning.
    const signal = AbortSignal.any([stopping, freed]);
    if (failures === 0) await inbox.wait({ sources, timeoutMs: pollMs, signal });
    else await pause(Math.min(pollMs * failures, 2_000), stopping);
  }
}

async function claimAndDeliver(relay: Running, source: string, stopping: AbortSignal): Promise<number> {
  const { inbox, slots, leaseMs, clock } = relay;
  const entries = await inbox.claim({ source, limit: slots.free(source), leaseMs, nowMs: clock() });
  for (const entry of entries) void slots.hold(source, entry, attempt(relay, entry, stopping));
  return entries.length;
}

/** One attempt of one entry, to its end. Never rejects. */
async function attempt(relay: Running, entry: ClaimedEntry, stopping: AbortSignal): Promise<void> {
  const { routes, schedule, random, clock, report } = relay;
  const started = performance.now();
  const due = (routes[entry.source] ?? []).filter(({ name }) => !entry.confirmed.includes(name));
  const outgoing: OutgoingEntry = { ...entry, eventType: entry.eventType ?? readEventType(entry.body) };
  const interrupted = due.length > 0 && entry.attempt > schedule.length;
  const answers = interrupted ? new Map<string, Answer>() : await deliverAll(due, outgoing);
  const { confirmed } = entry;
  const verdict: Verdict = interrupted
    ? { kind: "dead", reason: "interrupted_repeatedly", confirmed }
    : decide({ attempt: entry.attempt, confirmed, answers, schedule, random });
  const recorded = await settlePatiently(relay, toSettlement(entry, verdict, clock()), stopping);
  report({
    kind: "attempt",
    source: entry.source,
    eventId: entry.eventId,
    eventType: outgoing.eventType,
    attempt: entry.attempt,
    outcome: recorded ? verdict.kind : "stale",
    reason: verdict.kind === "dead" ? verdict.reason : undefined,
    answers: Object.fromEntries(answers),
    ageMs: clock() - entry.receivedAtMs,
    durationMs: performance.now() - started,
  });
}

async function deliverAll(
  destinations: readonly Destination[],
  entry: OutgoingEntry,
): Promise<ReadonlyMap<string, Answer>> {
  const delivering = destinations.map(
    async (destination) => [destination.name, await deliver(destination, entry)] as const,
  );
  return new Map(await Promise.all(delivering));
}

/** A destination promises not to throw; one that breaks its promise must not take the relay down. */
async function deliver(destination: Destination, entry: OutgoingEntry): Promise<DeliveryResult> {
  try {
    return await destination.deliver(entry);
  } catch (error) {
    return { kind: "retry", reason: `destination failed: ${String(error).slice(0, 200)}` };
  }
}

function toSettlement(entry: ClaimedEntry, verdict: Verdict, nowMs: number): Settlement {
  const claim = { source: entry.source, key: entry.key, attempt: entry.attempt };
  switch (verdict.kind) {
    case "done":
      return { kind: "done", claim };
    case "retry":
      return { kind: "retry", claim, dueAtMs: nowMs + verdict.delayMs, confirmed: verdict.confirmed };
    case "dead":
      return { kind: "dead", claim, nowMs, reason: verdict.reason, confirmed: verdict.confirmed };
  }
}

/**
 * A result that cannot be recorded because the inbox is away would be a second delivery, so it is tried until the
 * inbox is back; the fence refuses it if another process took the entry over meanwhile. False when that happened, or
 * when the relay is told to stop first.
 */
async function settlePatiently(
  relay: Running,
  settlement: Settlement,
  stopping: AbortSignal,
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await relay.settle(settlement);
    } catch {
      if (stopping.aborted) return false;
      await pause(Math.min(100 * tries, 1_000), stopping);
    }
  }
}

async function renew({ inbox, slots, leaseMs, clock }: Running): Promise<void> {
  const claims = slots.held();
  if (claims.length === 0) return;
  // A failed renewal is tried again at the next heartbeat; a lost lease shows when the entry is settled.
  await inbox.renew({ claims, leaseMs, nowMs: clock() }).catch(() => {});
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
}
