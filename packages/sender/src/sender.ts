import { createHash, randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { generateSecret } from "@hooks/signing";
import type { EventRecord } from "./core/model.ts";
import type { Contracts } from "./contracts.ts";
import { createAnnouncer, type Announcer } from "./announcer.ts";
import { limitBacklog } from "./backlog.ts";
import { createDeadLetters, type DeadLetters } from "./dead-letters.ts";
import { createDeliveries, type Deliveries, type DeliveriesOptions } from "./deliveries.ts";
import { createNotices } from "./deprecations.ts";
import { type CallOptions, createEndpoints, type Endpoints } from "./endpoints.ts";
import { createIds } from "./ids.ts";
import { checkOptions } from "./input/options.ts";
import { checkArguments } from "./input/verbs.ts";
import {
  createAnnounce,
  createAnnounceChange,
  createAnnounceDeath,
  createAnnounceReplay,
} from "./operational-events.ts";
import type { EventInput } from "./publish.ts";
import { createPublishing, type Published, type PublishOptions } from "./publishing.ts";
import { createReplays, type Replays, type ReplaysOptions } from "./replays.ts";
import { createReplaysChore } from "./replaying.ts";
import type { Report } from "./report.ts";
import { createRetentionChore, type RetentionOptions } from "./retention.ts";
import type { Finding, Page, Store } from "./store.ts";
import { createSubmissionsChore } from "./submissions.ts";
import { createSubscribers, type Subscribers } from "./subscribers.ts";
import type { Transport } from "./transport.ts";
import { createHttpTransport, type HttpTransportOptions } from "./transport/http.ts";
import { createVersions } from "./versions.ts";
import { createWorker, type Worker, type WorkerOptions } from "./worker.ts";

export interface SenderOptions {
  readonly store: Store;
  /** The `contracts` of a contracts package's `./producer`. */
  readonly contracts: Contracts;
  /** How requests are made: timeouts, and what may be reached besides public https addresses. */
  readonly http?: HttpTransportOptions;
  /** Sends instead of HTTP. */
  readonly transport?: Transport;
  /** How much is sent at once, and when again. */
  readonly worker?: WorkerSettings;
  /** How long what was published is kept, with what became of it. Default 90 days. */
  readonly retention?: RetentionOptions;
  /** Gets one event for each attempt that this sender saw end, and the worker's troubles. Default: nobody is told. */
  readonly report?: Report;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

export type WorkerSettings = Pick<
  WorkerOptions,
  "schedule" | "concurrency" | "leaseMs" | "heartbeatMs" | "pollMs" | "maxInterruptions"
>;

/**
 * Publishes events and delivers them. What a verb answers is on disk. It rejects with a `SenderError` when it is
 * refused and with a `StoreUnavailableError` when it may be tried again.
 */
export interface Sender {
  /**
   * Validates, keeps and schedules one event, for every endpoint that takes it. With `transaction` it does so inside a
   * transaction of the caller's on the store's database, and rejects with a `TransactionError` where it cannot.
   */
  publish(event: EventInput, options?: PublishOptions): Promise<Published>;
  /** The same for several, all or nothing, also under one key; faults are reported at `/<index>/…`. */
  publishBatch(
    events: readonly EventInput[],
    options?: CallOptions & PublishOptions,
  ): Promise<readonly Published[]>;
  readonly contracts: Contracts;
  readonly subscribers: Subscribers;
  readonly endpoints: Endpoints;
  /** Sends an example of a type (default: the first that the endpoint takes) to this endpoint only. */
  testEndpoint(id: string, type?: string): Promise<Published>;
  readonly events: Events;
  readonly deliveries: Deliveries;
  readonly deadLetters: DeadLetters;
  readonly replays: Replays;
  /** Whether the store keeps the promise of durability, a line each. Waits as long as its database is migrated. */
  selfCheck(): Promise<readonly Finding[]>;
  /**
   * Begins to deliver, and tells subscribers once of deprecated versions that they receive (`contract.deprecated`). A
   * sender that is not started only publishes; another process may deliver. Does nothing after it has been stopped.
   */
  start(): Promise<void>;
  /**
   * Takes nothing more at once, finishes what is in flight, at most `timeoutMs` (default 20,000) long, and hands its
   * endpoints over to other processes, each as soon as nothing of it is in flight. What else it does goes on.
   */
  stopDelivering(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Ends delivering, and closes transport and store. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface Events {
  get(id: string): Promise<EventRecord | undefined>;
  /** Newest first. */
  list(page: Page & { readonly type?: string }): Promise<readonly EventRecord[]>;
}

/** What a sender has of the machine that it runs on. */
export type World = Pick<WorkerOptions, "identity" | "elapsed" | "random" | "timers" | "gatherMs"> & {
  readonly randomBytes: (count: number) => Uint8Array;
  /** Makes secrets of endpoints. */
  readonly newSecret: () => string;
};

/**
 * Opens nothing and sends nothing before `start`; the store is closed by `stop`. Throws a `SenderError`
 * (`validation_failed`) when an option cannot be so.
 */
export function createSender(options: SenderOptions): Sender {
  checkOptions(options);
  return createSenderIn(options, {
    identity: { id: randomUUID(), host: hostname(), pid: process.pid },
    elapsed: options.now === undefined || options.now === Date.now ? () => performance.now() : undefined,
    random: Math.random,
    randomBytes,
    newSecret: generateSecret,
  });
}

/** A sender in a world of its own, for tests. */
export function createSenderIn(
  {
    store,
    contracts,
    http = {},
    transport = createHttpTransport(http),
    worker: settings = {},
    retention = {},
    report = () => {},
    now = Date.now,
  }: SenderOptions,
  { randomBytes: random, newSecret, ...world }: World,
): Sender {
  const newId = createIds({ now, randomBytes: random });
  const shared = {
    store,
    transport,
    contracts,
    versions: createVersions({ contracts, store, now }),
    report: guard(report),
    now,
    newId,
    newSecret,
    digest,
    wake: (endpoints: readonly string[]) => worker.wake(endpoints),
    announce: createAnnounceReplay({ contracts, newId }),
    announceDeath: createAnnounceDeath({ contracts, newId }),
  };
  const worker = createWorker({
    ...settings,
    ...world,
    store,
    transport,
    noticeOf: createNotices(contracts),
    announce: createAnnounce(shared),
    announceDeath: shared.announceDeath,
    report: shared.report,
    now,
    chores: [
      (nowMs) => publishSubmitted(nowMs),
      createReplaysChore(shared),
      createRetentionChore({ ...retention, store }),
    ],
  });
  const outbox = { publish: limitBacklog((...call) => store.publish(...call)) };
  const { publish, publishBatch, publishEach, publishExample } = createPublishing({
    ...shared,
    store: outbox,
  });
  const endpoints = createEndpoints({ ...shared, announceChange: createAnnounceChange(shared) });
  const publishSubmitted = createSubmissionsChore({ store, publishEach, now });
  const announcer = createAnnouncer({ ...shared, publish });
  return checkArguments({
    publish,
    publishBatch,
    contracts,
    subscribers: createSubscribers(shared),
    endpoints,
    testEndpoint: async (id, type) => publishExample(await endpoints.get(id), type),
    ...createHistory(shared),
    selfCheck: () => store.selfCheck(),
    ...createLife({ worker, announcer, transport, store }),
  });
}

interface Living extends Pick<SenderOptions, "store"> {
  readonly transport: Transport;
  readonly worker: Worker;
  readonly announcer: Announcer;
}

/** Begins once and ends once, however often it is asked to. */
function createLife({
  worker,
  announcer,
  transport,
  store,
}: Living): Pick<Sender, "start" | "stopDelivering" | "stop"> {
  let started: Promise<void> | undefined;
  let ended: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  const start = async () => {
    await worker.start();
    // Nobody waits for it: it reads every endpoint, and tells of its troubles itself.
    void announcer.start();
  };
  const stopDelivering: Sender["stopDelivering"] = (options) =>
    (ended ??= started === undefined ? Promise.resolve() : worker.stop(options));
  const stop: Sender["stop"] = async (options) => {
    announcer.stop();
    await stopDelivering(options);
    await transport.close();
    await store.close();
  };
  return {
    start: () => (started ??= ended === undefined ? start() : Promise.resolve()),
    stopDelivering,
    stop: (options) => (stopped ??= stop(options)),
  };
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}

/** What was published, what became of it, and what can be done about that. */
function createHistory(
  options: DeliveriesOptions & ReplaysOptions,
): Pick<Sender, "events" | "deliveries" | "deadLetters" | "replays"> {
  const { store } = options;
  const deliveries = createDeliveries(options);
  return {
    events: { get: (id) => store.getEvent(id), list: (page) => store.listEvents(page) },
    deliveries,
    deadLetters: createDeadLetters({ store, deliveries }),
    replays: createReplays(options),
  };
}

/** A report that throws is a fault of whoever listens, and must not undo what it tells of. */
function guard(report: Report): Report {
  return (event) => {
    try {
      report(event);
    } catch (error) {
      process.emitWarning(`The report of a sender threw: ${String(error)}`, "HooksWarning");
    }
  };
}
