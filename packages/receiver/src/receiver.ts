import { addressEvents } from "./address.ts";
import type { Schedule } from "@hooks/retry";
import { checkOptions } from "./check-options.ts";
import type { Receipt } from "./core/receipt.ts";
import { describeError } from "./describe-error.ts";
import { createHandlerDestination, HANDLERS } from "./handler-destination.ts";
import type { AnyHandlers, OnUnknownVersion, WithHandlers } from "./handlers.ts";
import { createHandling, type HandlingOptions } from "./handling.ts";
import { guardReport } from "./guard-report.ts";
import type { DeadLetter, DeadLetterQuery, DiscardRequest, Inbox, RequeueRequest } from "./inbox.ts";
import { createParked, type Parked } from "./parked.ts";
import {
  createReceive,
  type ReceiveLimits,
  type ReceiveReport,
  type ReceiveRequest,
  type ReceiveSurroundings,
} from "./receive.ts";
import { createRelay, type RelayReport } from "./relay.ts";
import { checkSourceHandlers, type SourceOptions } from "./source.ts";
import { createUnhandled, type UnhandledReport } from "./unhandled.ts";
import { warn } from "./warn.ts";
import { within } from "./within.ts";

export interface ReceiverOptions extends HandlingOptions, ReceiveSurroundings {
  /** The ways in, by name: `{ billing: { provider: "standard-webhooks", secrets: [...] } }`. */
  readonly sources: Readonly<Record<string, SourceOptions>>;
  /** Where accepted events wait; the caller closes it after `stop`. */
  readonly inbox: Inbox;
  readonly limits?: ReceiveLimits;
  /** The waits between attempts of a handler. Default: `defaultSchedule` of `@hooks/retry`. */
  readonly schedule?: Schedule;
  /** Events of one source handled at once. Default 16. */
  readonly concurrency?: number;
  /**
   * Events of one source with the same text or number at this path of their JSON (`subject`, `data.object.id`) are handled
   * one after another, in the order they came. Default: no order.
   */
  readonly orderBy?: string;
  /** After so long a handler counts as failed and its event is handled again; its `signal` aborts. Default 60,000 ms. */
  readonly handlerTimeoutMs?: number;
  /** After so long another process takes over what a dead one held. Default 10,000 ms; renewed three times within it. */
  readonly leaseMs?: number;
  /** What becomes of an event of a major that the contracts do not know. Default `park`. */
  readonly onUnknownVersion?: OnUnknownVersion;
  /**
   * Hears of every request, attempt and unhandled event. Should not throw; what it throws becomes a process warning.
   * Without it, failing handlers are shown as process warnings.
   */
  readonly report?: (report: ReceiverReport) => void;
}

export type ReceiverReport = ({ readonly kind: "request" } & ReceiveReport) | RelayReport | UnhandledReport;

export interface DeadLetters {
  /** Of a source, oldest first, after `after` (a `key`). */
  list(query: DeadLetterQuery): Promise<readonly DeadLetter[]>;
  /** Handles them again, from attempt 1; gives how many there were. */
  retry(request: Pick<RequeueRequest, "source" | "keys">): Promise<number>;
  /** Removes them for good; gives how many there were. Otherwise they stay for ever. */
  discard(request: DiscardRequest): Promise<number>;
}

/** Receives events and handles them in the background. */
export interface Receiver {
  /** Verifies, deduplicates and stores one request; the adapters call it. Never rejects. */
  receive(request: ReceiveRequest): Promise<Receipt>;
  /** Begins to handle what is stored. */
  start(): void;
  /** Refuses new requests and waits for requests and handlers under way, at most `timeoutMs` (default 20,000). */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Event types that came without a handler for them, or as `type@version` without a contract, and how often. */
  unhandled(): ReadonlyMap<string, number>;
  /** What used up its attempts, was not wanted or does not fit its contract. */
  readonly deadLetters: DeadLetters;
  /** Events that were kept aside because nobody knew their version; they are among the dead letters, too. */
  readonly parked: Parked;
}

/**
 * Receives webhooks inside an application: verified over the raw bytes, deduplicated and stored in one atomic step,
 * acknowledged after that, and then handled in the background, again if a handler throws or the process dies. A
 * handler may thus see an event twice; its `id` is the same then.
 *
 * With `contracts` (a contracts package's namespace) handlers get parsed, typed events of any minor of a known major; with
 * `migrations` (the namespace of its `./migrations`) those of older majors are converted, and handlers are typed for the
 * newest major alone.
 */
export const createReceiver: WithHandlers<ReceiverOptions, Receiver> = (
  options: ReceiverOptions & AnyHandlers,
): Receiver => {
  checkOptions(options, "inbox", "accept");
  const { sources, inbox } = options;
  const { concurrency = 16, handlerTimeoutMs = 60_000, leaseMs = 10_000 } = options;
  checkSourceHandlers(options);
  const report = guardReport(options.report ?? warnOfFailures);
  const unhandled = createUnhandled(report);
  const destination = createHandlerDestination({
    ...options,
    handling: createHandling({ ...options, handlerTimeoutMs }),
    onUnhandled: unhandled.add,
  });
  const address = { destinations: [HANDLERS], orderBy: options.orderBy };
  const ofEach = <T>(value: T) => Object.fromEntries(Object.keys(sources).map((source) => [source, value]));
  const receive = createReceive({
    ...options,
    inbox: addressEvents(inbox, ofEach(address)),
    report: (event) => report({ kind: "request", ...event }),
  });
  const relay = createRelay({
    ...options,
    routes: ofEach([destination]),
    concurrency,
    heartbeatMs: leaseMs / 3,
    report,
  });
  return {
    receive,
    start: relay.start,
    stop: async ({ timeoutMs = 20_000 } = {}) => {
      await within(timeoutMs, Promise.all([receive.stop(), relay.stop({ timeoutMs })]));
      await destination.close();
    },
    unhandled: () => unhandled.counts,
    deadLetters: {
      list: (query) => inbox.deadLetters(query),
      retry: (request) => inbox.requeue(request),
      discard: (request) => inbox.discard(request),
    },
    parked: createParked(inbox, HANDLERS),
  };
};

/** The report of an application that brings none: silence, except for what somebody must see. */
function warnOfFailures(report: ReceiverReport): void {
  if (report.kind === "request" && report.error !== undefined) {
    warn(`A webhook was refused as ${report.outcome}: ${describeError(report.error)}`);
  }
  if (report.kind === "attempt" && report.outcome !== "done") {
    warn(`Handling ${report.eventType} ${report.eventId} failed: ${report.reason}`);
  }
}
