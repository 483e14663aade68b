import type { Schedule } from "@hooks/retry";
import type { Cluster, Redis } from "ioredis";
import { checkConsumerOptions } from "./check-options.ts";
import { createOrderedEntries } from "./consumer/ordered-entries.ts";
import { createStreamEntries } from "./consumer/stream-entries.ts";
import type { Dedupe } from "./dedupe.ts";
import { deduplicate } from "./deduplicate.ts";
import { describeError } from "./describe-error.ts";
import { guardReport } from "./guard-report.ts";
import { createHandlerDestination, HANDLERS } from "./handler-destination.ts";
import type { AnyHandlers, OnUnknownVersion, WithHandlers } from "./handlers.ts";
import { createHandling, type HandlingOptions } from "./handling.ts";
import type { DeadLetter } from "./inbox.ts";
import { createParked } from "./parked.ts";
import { createRelay, type RelayReport } from "./relay.ts";
import { createUnhandled, type UnhandledReport } from "./unhandled.ts";
import { warn } from "./warn.ts";

export interface ConsumerOptions extends HandlingOptions {
  /**
   * A URL as an inbox in Redis takes it, also of a cluster or sentinels; or a client whose settings are taken over. The
   * consumer has connections of its own.
   */
  readonly redis: string | Redis | Cluster;
  /** The key of the stream, as the gateway's destination `redis-stream` names it. */
  readonly stream: string;
  /** Each consumer group gets every event, and its processes share them. It is made if need be, from the stream's start. */
  readonly group: string;
  /**
   * Whether an entry goes from the stream when every group of the stream has handled it. Default true: nobody else removes
   * any.
   */
  readonly removeHandled?: boolean;
  /** Keeps an event that stands in the stream twice from being handled twice; the caller closes it after `stop`. */
  readonly dedupe?: Dedupe;
  /** The waits between attempts of a handler. Default: `defaultSchedule` of `@hooks/retry`. */
  readonly schedule?: Schedule;
  /** Events handled at once in this process. Default 16. */
  readonly concurrency?: number;
  /**
   * Events with the same text or number at this path of their JSON (`subject`, `data.object.id`) are handled one after
   * another, in the order of the stream; one that waits for its next attempt holds up those after it. One process of the
   * group works at a time then, and another takes its place when its lease is over; give all of them the same path.
   * Default: no order.
   */
  readonly orderBy?: string;
  /** After so long a handler counts as failed and its event is handled again; its `signal` aborts. Default 60,000 ms. */
  readonly handlerTimeoutMs?: number;
  /** After so long another process takes over what a dead one held. Default 10,000 ms; renewed three times within it. */
  readonly leaseMs?: number;
  /** How long Redis may take to answer. Default 2,000 ms; what it takes longer for counts as not answered, and is tried again. */
  readonly commandTimeoutMs?: number;
  /** What becomes of an event of a major that the contracts do not know. Default `park`. */
  readonly onUnknownVersion?: OnUnknownVersion;
  /**
   * Hears of every attempt and unhandled event, and of Redis going away and coming back. Should not throw; what it throws
   * becomes a process warning. Without it, failing handlers are shown as process warnings.
   */
  readonly report?: (report: ConsumerReport) => void;
}

export type ConsumerReport = RelayReport | UnhandledReport;

/** Where to begin, and how many. */
export interface DeadLetterPage {
  readonly limit: number;
  /** A `key`. */
  readonly after?: string;
}

/** Handles the events of a Redis stream. */
export interface Consumer {
  /** Begins to handle events; survives outages of Redis by itself. */
  start(): void;
  /** Takes no more and waits for handlers under way, at most `timeoutMs` (default 20,000); then aborts their signals and disconnects. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Event types that came without a handler for them, or as `type@version` without a contract, and how often. */
  unhandled(): ReadonlyMap<string, number>;
  readonly deadLetters: {
    /** Oldest first. */
    list(page: DeadLetterPage): Promise<readonly DeadLetter[]>;
    /** Handles them again, from attempt 1; gives how many there were. */
    retry(keys: readonly string[]): Promise<number>;
    /** Acknowledges them without handling them; gives how many there were. Otherwise they stay for ever. */
    discard(keys: readonly string[]): Promise<number>;
  };
  /** Events that were kept aside because nobody knew their version; they are among the dead letters, too. */
  readonly parked: {
    list(page: DeadLetterPage): Promise<readonly DeadLetter[]>;
    /** Handles them again, as after an upgrade of the contracts; gives how many. */
    release(): Promise<number>;
  };
}

/**
 * Handles the events that a gateway's destination `redis-stream` writes, with the same handlers as a receiver.
 *
 * An entry is acknowledged only when its handler has ended well. One that failed waits for its next attempt in the group's
 * list of pending entries, and so does a dead letter; what a process held that died is taken over by another when its
 * lease is over. A handler may thus see an event twice; its `id` is the same then.
 *
 * Needs Redis 7.
 *
 * @throws TypeError on options that are not what their types say, as plain JavaScript may give them.
 */
export const createConsumer: WithHandlers<ConsumerOptions, Consumer> = (
  options: ConsumerOptions & AnyHandlers,
): Consumer => {
  checkConsumerOptions(options);
  const { redis, stream, group, schedule, dedupe, orderBy, removeHandled = true, leaseMs = 10_000 } = options;
  const { concurrency = 16, handlerTimeoutMs = 60_000, commandTimeoutMs = 2_000 } = options;
  const report = guardReport(options.report ?? warnOfFailures);
  const unhandled = createUnhandled(report);
  const streamed = { redis, stream, group, removeHandled, commandTimeoutMs };
  const entries =
    orderBy === undefined ? createStreamEntries(streamed) : createOrderedEntries({ ...streamed, orderBy });
  const handlers = createHandlerDestination({
    handling: createHandling({ ...options, handlerTimeoutMs }),
    onUnknownVersion: options.onUnknownVersion,
    onUnhandled: unhandled.add,
  });
  const destination =
    dedupe === undefined ? handlers : deduplicate(handlers, { dedupe, leaseMs: handlerTimeoutMs + 5_000 });
  const relay = createRelay({
    inbox: entries,
    routes: { [stream]: [destination] },
    concurrency,
    leaseMs,
    heartbeatMs: leaseMs / 3,
    report,
    ...(schedule === undefined ? {} : { schedule }),
  });
  const parked = createParked(entries, HANDLERS);
  return {
    start: relay.start,
    stop: async ({ timeoutMs = 20_000 } = {}) => {
      await relay.stop({ timeoutMs });
      await destination.close();
      await entries.close();
    },
    unhandled: () => unhandled.counts,
    deadLetters: {
      list: (page) => entries.deadLetters({ source: stream, ...page }),
      retry: (keys) => entries.requeue({ source: stream, keys }),
      discard: (keys) => entries.discard({ source: stream, keys }),
    },
    parked: {
      list: (page) => parked.list({ source: stream, ...page }),
      release: () => parked.release(stream),
    },
  };
};

/** The report of an application that brings none: silence, except for what somebody must see. */
function warnOfFailures(report: ConsumerReport): void {
  if (report.kind === "inbox_unavailable") warn(`Events wait: ${describeError(report.error)}`);
  if (report.kind === "attempt" && report.outcome !== "done")
    warn(`Handling ${report.eventType} ${report.eventId} failed: ${report.reason}`);
}
