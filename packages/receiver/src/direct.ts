import { checkOptions } from "./check-options.ts";
import { readEventType } from "./core/event-type.ts";
import type { Receipt } from "./core/receipt.ts";
import type { BegunEvent, Dedupe } from "./dedupe.ts";
import { describeError } from "./describe-error.ts";
import { guardReport } from "./guard-report.ts";
import type { AnyHandlers, OnUnknownVersion, ReceivedEvent, WithHandlers } from "./handlers.ts";
import {
  createHandling,
  type Handled,
  type Handling,
  type HandlingRun,
  type HandlingOptions,
  type TimedOut,
} from "./handling.ts";
import type { BatchResult, IncomingEvent } from "./inbox.ts";
import {
  createReceive,
  type ReceiveLimits,
  type ReceiveReport,
  type ReceiveRequest,
  type ReceiveSurroundings,
} from "./receive.ts";
import { Refused } from "./refused.ts";
import { checkSourceHandlers, type SourceOptions } from "./source.ts";
import { createUnhandled, type UnhandledReport } from "./unhandled.ts";
import { warn } from "./warn.ts";
import { within } from "./within.ts";

export interface DirectReceiverOptions extends HandlingOptions, ReceiveSurroundings {
  /** The ways in, by name: `{ billing: { provider: "standard-webhooks", secrets: [...] } }`. */
  readonly sources: Readonly<Record<string, SourceOptions>>;
  /** Remembers which events were handled; the caller closes it after `stop`. */
  readonly dedupe: Dedupe;
  readonly limits?: ReceiveLimits;
  /** After so long the sender is told to come again later; the handler's `signal` aborts. Default 8,000 ms: few providers wait 10 s. */
  readonly handlerTimeoutMs?: number;
  /**
   * For so long no other process takes up an event that one has begun with. Default 60,000 ms. A handler that takes longer
   * may run twice at once.
   */
  readonly leaseMs?: number;
  /** What becomes of an event of a major that the contracts do not know. Default `park`: it is refused with 503. */
  readonly onUnknownVersion?: OnUnknownVersion;
  /**
   * Hears of every request and unhandled event. Should not throw; what it throws becomes a process warning. Without it,
   * failing handlers are shown as process warnings.
   */
  readonly report?: (report: DirectReceiverReport) => void;
}

export type DirectReceiverReport =
  | ({ readonly kind: "request" } & ReceiveReport)
  | UnhandledReport
  /** What an event came to could not be remembered: it may be handled again. */
  | {
      readonly kind: "dedupe_unavailable";
      readonly source: string;
      readonly eventId: string;
      readonly error: unknown;
    };

/** Handles events before it acknowledges them. */
export interface DirectReceiver {
  /** Verifies and handles one request; the adapters call it. Never rejects. */
  receive(request: ReceiveRequest): Promise<Receipt>;
  /** Refuses new requests and waits for handlers under way, at most `timeoutMs` (default 20,000); then aborts their signals. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Event types that came without a handler for them, or as `type@version` without a contract, and how often. */
  unhandled(): ReadonlyMap<string, number>;
  /** Handlers that go on after their requests were answered, because their time was over; `undefined` when there are none. */
  background(): Promise<void> | undefined;
}

/**
 * Receives webhooks without a queue: verified over the raw bytes, handled, and then acknowledged. An event is remembered
 * only when its handler has ended well; one that throws, or dies with its process, has its sender send it again, and one
 * that is being handled elsewhere is refused with 503. It needs no more than the provider's own retries, and is as slow as
 * the handler; where a provider does not retry, use `createReceiver` with an inbox.
 */
export const createDirectReceiver: WithHandlers<DirectReceiverOptions, DirectReceiver> = (
  options: DirectReceiverOptions & AnyHandlers,
): DirectReceiver => {
  checkOptions(options, "dedupe", "begin");
  const { dedupe, onUnknownVersion = "park" } = options;
  const { handlerTimeoutMs = 8_000, leaseMs = 60_000 } = options;
  checkSourceHandlers(options);
  const report = guardReport(options.report ?? warnOfFailures);
  const unhandled = createUnhandled(report);
  const handling = createHandling({ ...options, handlerTimeoutMs });
  const running = new Set<Promise<unknown>>();
  const accept = createAccept({
    dedupe,
    handling,
    leaseMs,
    onUnknownVersion,
    report,
    running,
    onUnhandled: unhandled.add,
  });
  const receive = createReceive({
    ...options,
    inbox: { accept, acceptBatch: (events) => acceptEach({ accept, timeoutMs: handlerTimeoutMs }, events) },
    report: (event) => report({ kind: "request", ...event }),
  });
  const settled = async () => {
    while (running.size > 0) await Promise.all(running);
  };
  return {
    receive,
    stop: async ({ timeoutMs = 20_000 } = {}) => {
      await within(timeoutMs, receive.stop().then(settled));
      handling.abort();
    },
    unhandled: () => unhandled.counts,
    background: () => (running.size === 0 ? undefined : settled()),
  };
};

interface Accepting {
  readonly dedupe: Dedupe;
  readonly handling: Handling;
  readonly leaseMs: number;
  readonly onUnknownVersion: OnUnknownVersion;
  readonly report: (report: DirectReceiverReport) => void;
  readonly onUnhandled: (event: ReceivedEvent, version?: string) => void;
  /** None of them rejects. */
  readonly running: Set<Promise<unknown>>;
}

type Accept = (event: IncomingEvent) => Promise<"accepted" | "duplicate">;

/** Handles an event at once, instead of storing it. */
function createAccept(accepting: Accepting): Accept {
  const { dedupe, handling, running, leaseMs, onUnknownVersion } = accepting;
  return async (event) => {
    const { source, eventId } = event;
    const begun = await dedupe.begin({ source, eventId, leaseMs });
    if (begun.kind === "handled") return "duplicate";
    if (begun.kind === "busy")
      throw new Refused("event_in_progress", { message: "The event is being handled by another request." });
    const { attempt } = begun;
    const eventType = event.eventType ?? readEventType(event.body);
    const { received, inTime, inTheEnd } = handling.handle({ ...event, eventType, attempt });
    const settled = settle(accepting, { event: { source, eventId, attempt }, received, inTheEnd });
    running.add(settled);
    void settled.finally(() => running.delete(settled));
    const handled = await inTime;
    if (handled.kind !== "timeout") await settled;
    const refused = answerTo(handled, onUnknownVersion);
    if (refused !== undefined) throw refused;
    return "accepted";
  };
}

interface Batching {
  readonly accept: Accept;
  /** After so long no further event of the batch is begun with. */
  readonly timeoutMs: number;
}

/** Of one batch at once. */
const batchConcurrency = 16;

/**
 * Handles the events of one request, a few at a time. When one is refused the whole request is, and when it comes again those
 * that were handled are duplicates: so even a batch that takes longer than a sender waits comes to its end.
 */
async function acceptEach(
  { accept, timeoutMs }: Batching,
  events: readonly IncomingEvent[],
): Promise<BatchResult> {
  const started = performance.now();
  const results = new Map<string, "accepted" | "duplicate">();
  const left = new Map(events.map((event) => [event.eventId, event])).values();
  let refused: { readonly error: unknown } | undefined;
  const work = async () => {
    for (const event of left) {
      try {
        if (performance.now() - started > timeoutMs)
          throw new Refused("handler_timeout", { message: `The batch took longer than ${timeoutMs} ms.` });
        results.set(event.eventId, await accept(event));
      } catch (error) {
        refused ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: batchConcurrency }, work));
  if (refused !== undefined) throw refused.error;
  return events.map(({ eventId }) => {
    const result = results.get(eventId) ?? "duplicate";
    results.delete(eventId);
    return result;
  });
}

interface Unsettled extends Pick<HandlingRun, "received" | "inTheEnd"> {
  readonly event: BegunEvent;
}

/** What it came to is remembered if it can be; the sender's answer does not depend on it, because the effect is there. */
async function settle(
  { dedupe, report, onUnhandled, onUnknownVersion }: Accepting,
  { event, received, inTheEnd }: Unsettled,
): Promise<void> {
  const handled = await inTheEnd;
  const isHandled = answerTo(handled, onUnknownVersion) === undefined;
  if (handled.kind === "unhandled") onUnhandled(received);
  if (handled.kind === "unknown_version" && isHandled) onUnhandled(received, handled.version);
  try {
    await dedupe[isHandled ? "finish" : "release"](event);
  } catch (error) {
    const { source, eventId } = event;
    report({ kind: "dedupe_unavailable", source, eventId, error });
  }
}

/** What its sender is told of an event that is not handled; `undefined` of one that is. */
function answerTo(handled: Handled | TimedOut, onUnknownVersion: OnUnknownVersion): Refused | undefined {
  switch (handled.kind) {
    case "done":
    case "unhandled":
      return undefined;
    case "retry": {
      const { reason: message, waitMs: retryAfterMs } = handled;
      return retryAfterMs === undefined
        ? new Refused("handler_failed", { message })
        : new Refused("retry_later", { message, retryAfterMs });
    }
    case "timeout":
      return new Refused("handler_timeout", { message: handled.reason });
    case "gone":
      return new Refused("gone", { message: handled.reason });
    case "invalid":
      return new Refused("event_rejected", { message: handled.reason });
    case "unknown_version":
      if (onUnknownVersion === "accept") return undefined;
      return new Refused("unknown_version", {
        message: `There is no contract for version ${handled.version} yet.`,
      });
  }
}

/** The codes that say that a handler, and not a sender, has to be looked at. */
const ofHandlers: ReadonlySet<string> = new Set(["handler_failed", "handler_timeout", "event_rejected"]);

/** The report of an application that brings none: silence, except for what somebody must see. */
function warnOfFailures(report: DirectReceiverReport): void {
  if (report.kind === "dedupe_unavailable")
    warn(`That ${report.eventId} was handled could not be remembered: ${describeError(report.error)}`);
  if (report.kind !== "request") return;
  if (report.error !== undefined)
    warn(`A webhook was refused as ${report.outcome}: ${describeError(report.error)}`);
  else if (ofHandlers.has(report.outcome))
    warn(`Handling ${report.eventType} ${report.eventId} failed: ${report.hint}`);
}
