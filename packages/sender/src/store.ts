import type {
  Attempt,
  Delivery,
  DeliveryState,
  Endpoint,
  EventRecord,
  NextStep,
  Subscriber,
} from "./core/model.ts";
import type { EndpointHealth } from "./core/endpoint-health.ts";
import type { RenderEvent, RenderFailure } from "./render.ts";
import type { SplitEnvelope } from "./render/envelope.ts";

/**
 * Where events, deliveries and endpoints are kept. Every verb is atomic and durable when it answers, and the caller
 * brings the clock. A store that is away rejects with a `StoreUnavailableError`; nothing else is thrown.
 *
 * The hot verbs follow one model: **workers own endpoints, not deliveries**. Endpoints fall into `SHARD_COUNT` shards;
 * a worker leases shards under an epoch that grows with every change of owner, and the store refuses what comes under
 * an old one.
 */
export interface Store extends Outbox, Work, Registry, Records, Retention {
  /** What the store finds about itself at start, one line each; `unsafe` ones break the promise of durability. */
  selfCheck(): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

export interface Outbox {
  /**
   * Keeps events and one delivery for every endpoint that takes them. An id that is already kept is a `duplicate` when
   * its digest is the same and a conflict otherwise; with one refusal nothing of the call is kept. Calls that arrive
   * together share a commit. What each endpoint gets is asked of the event's `render` and kept with the delivery, so
   * that every attempt sends the same bytes; an endpoint that the event cannot be rendered for is given a dead delivery
   * with the reason. A delivery of an ordered endpoint waits while another of its key has not come to its end.
   *
   * In a `transaction` of the caller's nothing is kept before that commits, and who hears of it then is told. Rejects with
   * a `TransactionError` when the store cannot join it.
   */
  publish(
    events: readonly NewEvent[],
    nowMs: number,
    transaction?: Transaction,
  ): Promise<readonly PublishResult[]>;
  /** What other programs wrote into the `outbox` table and nobody has published or refused yet, in that order. */
  listSubmitted(limit: number): Promise<readonly Submitted[]>;
  /** Removes what was published from the `outbox` table, and keeps there why the others were refused. */
  endSubmitted(ended: EndedSubmissions): Promise<void>;
}

export interface Work {
  /**
   * The heartbeat: keeps the worker's shards for another `leaseMs`, takes over shards without a live owner up to a fair
   * share, and says which ones to hand over. Attempts that the former owner had in flight are recorded as
   * `interrupted`; a delivery interrupted `maxInterruptions` times is dead.
   */
  lease(request: LeaseRequest): Promise<Ownership>;
  /** What is known against endpoints of these shards. Asked for shards that were won, before anything is taken of them. */
  health(shards: readonly number[]): Promise<readonly HealthRecord[]>;
  /** Which endpoints of the shards have something due. A read whose cost grows with endpoints, not with backlog. */
  due(request: DueRequest): Promise<Due>;
  /**
   * Due deliveries of the endpoints asked for, oldest first, journalled as in flight. Nothing of an endpoint that is not
   * active or whose shard has another owner by now.
   */
  take(request: TakeRequest): Promise<Batch>;
  /**
   * Records attempts and what comes next, and what they say of the health of endpoints. False for a settlement whose shard
   * has another owner by now; what that one says of the health of an endpoint does not count either. A delivery that was
   * retried by hand while in flight, and did not arrive, is due again at once with its schedule anew.
   */
  settle(request: SettleRequest): Promise<readonly boolean[]>;
  /** Hands shards over, or all of the worker's when none are named. */
  release(worker: string, shards?: readonly number[]): Promise<void>;
  /**
   * Tells other processes that endpoints have been given deliveries. At its best it is quick: who does not hear it finds
   * them by looking. Never throws.
   */
  announce(endpoints: readonly string[]): void;
  /**
   * Hears of endpoints that were given deliveries by others, or in callers' transactions, until the function that it gives
   * is called. An empty list says that something may have been missed. Never throws.
   */
  hear(onAnnounced: (endpoints: readonly string[]) => void): () => void;
}

export interface Registry {
  addSubscriber(subscriber: Subscriber, idempotency?: Idempotency): Promise<Added<Subscriber>>;
  getSubscriber(id: string): Promise<Subscriber | undefined>;
  listSubscribers(page: Page): Promise<readonly Subscriber[]>;
  addEndpoint(endpoint: Endpoint, idempotency?: Idempotency): Promise<Added<Endpoint>>;
  getEndpoint(id: string): Promise<Endpoint | undefined>;
  listEndpoints(page: Page & { readonly subscriber?: string }): Promise<readonly Endpoint[]>;
  /** Remembers the major of each type that was not known yet, and gives those of all types, known or new. */
  introduce(majors: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>;
  /**
   * Replaces the endpoint whose revision is one less. False when it has changed in between or is gone. Without an order,
   * nothing of it waits for another any more; another order goes for what is published from then on.
   */
  changeEndpoint(endpoint: Endpoint): Promise<boolean>;
  /** Removes an endpoint and cancels its scheduled deliveries. False when there is none. */
  removeEndpoint(id: string, nowMs: number): Promise<boolean>;
}

export interface Records {
  getEvent(id: string): Promise<EventRecord | undefined>;
  /** In descending order of their ids: newest first, as far as ids were made and not chosen. */
  listEvents(page: Page & { readonly type?: string }): Promise<readonly EventRecord[]>;
  getDelivery(id: string): Promise<Delivery | undefined>;
  /** Newest first. */
  listDeliveries(page: Page & DeliveryFilter): Promise<readonly Delivery[]>;
  /** In order of their numbers. */
  listAttempts(delivery: string): Promise<readonly Attempt[]>;
  /**
   * Makes a scheduled or dead delivery due at once, with its whole schedule before it again. One that could not be
   * rendered needs what it is to send now. In an ordered endpoint a dead one goes back to its old place: it is due as soon
   * as what is being sent of its key has come to its end.
   */
  retryDelivery(id: string, nowMs: number, rendered?: Rendered): Promise<Delivery | undefined>;
  /** Ends a scheduled delivery. */
  cancelDelivery(id: string, nowMs: number): Promise<Delivery | undefined>;
}

export interface Retention {
  /**
   * Removes a little of what is older than `beforeMs`: events, oldest first, with their deliveries, attempts and renditions;
   * rows of the `outbox` table that were refused before then; and idempotency keys whose time is over. An event stays as
   * long as one of its deliveries has not come to its end. What it costs depends on `limit` only, and nobody who publishes
   * waits for it.
   */
  purge(request: PurgeRequest): Promise<Purged>;
}

/**
 * A transaction of the caller's that has begun, on the database of the store. `text` has parameters `$1`, `$2`, …; values
 * are texts, numbers, `null` and Buffers. A client of `pg` is one as it is.
 */
export interface Transaction {
  query(
    text: string,
    values: readonly unknown[],
  ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

/**
 * Publishing could not join the caller's transaction. `transaction_not_supported`: the store has no transactions of others;
 * `transaction_not_usable`: it has not begun, or is on a database without the store's tables.
 */
export class TransactionError extends Error {
  readonly code: "transaction_not_supported" | "transaction_not_usable";
  constructor(code: TransactionError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TransactionError";
    this.code = code;
  }
}

/**
 * The store could not be reached or could not write; the caller may try again. Nothing was kept, except that a connection
 * can be lost while the answer is on its way: then the same ids, published again, are duplicates.
 */
export class StoreUnavailableError extends Error {
  readonly code = "storage_unavailable";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreUnavailableError";
  }
}

export interface Finding {
  readonly level: "ok" | "unsafe";
  readonly message: string;
}

export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  readonly source: string;
  readonly subject?: string;
  readonly subscriber?: string;
  /** SHA-256 of what makes the event, so that the same id with other content is noticed. */
  readonly digest: string;
  /** The envelope around the place of its sequence, which only the store knows: see `bodyOf`. */
  readonly envelope: SplitEnvelope;
  /** What goes out to endpoints of these preferences. Pure; does not throw. */
  readonly render: RenderEvent;
  readonly idempotency?: Pick<Idempotency, "key" | "digest">;
  /** Sent to this endpoint only, whatever types it takes. */
  readonly endpoint?: string;
}

/** A row of the `outbox` table: an event as another program wrote it, which nobody has looked at yet. */
export interface Submitted {
  readonly number: number;
  readonly event: string;
  readonly type: string;
  /** Meant to be JSON. */
  readonly data: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly subject?: string;
  readonly subscriber?: string;
  readonly version?: string;
  readonly source?: string;
}

export interface EndedSubmissions {
  readonly published: readonly number[];
  readonly refused: readonly RefusedSubmission[];
  readonly nowMs: number;
}

export interface PurgeRequest {
  readonly beforeMs: number;
  readonly nowMs: number;
  /** How many events with their deliveries to look at, or one event that has more; and how many rows of other kinds. */
  readonly limit: number;
  /** Only events after this one; those before it have been looked at. */
  readonly after?: PurgePosition | undefined;
}

/** Where an event stands among all: by when it was published, then by id. */
export interface PurgePosition {
  readonly publishedMs: number;
  readonly id: string;
}

export interface Purged {
  /** How many events went. */
  readonly events: number;
  /** The last event that was looked at. */
  readonly after?: PurgePosition | undefined;
  /** Whether there may be more to remove after it. */
  readonly hasMore: boolean;
}

export interface RefusedSubmission {
  readonly number: number;
  readonly code: string;
  readonly message: string;
}

/** What a delivery sends: the event's own bytes, or others. */
export type Rendered =
  | { readonly kind: "own" }
  | { readonly kind: "other"; readonly key: string; readonly version: string; readonly body: Uint8Array };

/** An endpoint that an event could not be rendered for. */
export interface Unrendered {
  readonly endpoint: string;
  readonly reason: RenderFailure;
  readonly error: unknown;
}

export type PublishResult =
  | {
      readonly kind: "published";
      readonly id: string;
      readonly deliveries: number;
      readonly duplicate: boolean;
      /** The endpoints that were given something to send just now. */
      readonly endpoints: readonly string[];
      /** Those whose delivery is dead from the start. */
      readonly unrendered: readonly Unrendered[];
    }
  | { readonly kind: PublishRefusal; readonly id: string };

/** Why an event was not kept: its id or key stands for another, or nobody has the id of its subscriber. */
export type PublishRefusal = "event_id_conflict" | "idempotency_conflict" | "subscriber_not_found";

export interface LeaseRequest {
  readonly worker: WorkerIdentity;
  readonly nowMs: number;
  readonly leaseMs: number;
  readonly maxInterruptions: number;
}

/** A store on the same machine may end the lease of a process that is no longer there. */
export interface WorkerIdentity {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
}

export interface OwnedShard {
  readonly shard: number;
  readonly epoch: number;
}

export interface Ownership {
  readonly owned: readonly OwnedShard[];
  /** Of `owned`: to be released as soon as nothing of them is in flight. */
  readonly excess: readonly number[];
}

export interface DueRequest {
  readonly shards: readonly OwnedShard[];
  readonly nowMs: number;
}

export interface Due {
  /** Active endpoints with at least one due delivery. */
  readonly endpoints: readonly DueEndpoint[];
  /** When the next delivery of another active endpoint comes due; absent when there is none. */
  readonly nextDueMs?: number;
}

export interface DueEndpoint {
  readonly id: string;
  readonly revision: number;
}

export interface TakeRequest {
  readonly worker: string;
  readonly nowMs: number;
  readonly from: readonly TakeFrom[];
}

export interface TakeFrom extends OwnedShard {
  readonly endpoint: string;
  /** How many to take at the most. */
  readonly room: number;
  /** Only what stands after this; what is before it has been taken already. */
  readonly after?: Position | undefined;
  /** Deliveries of this endpoint that the worker has taken and not settled. */
  readonly inFlight: ReadonlySet<string>;
  /** The revision of the endpoint that the worker knows; only a newer one is sent with the batch. */
  readonly knownRevision?: number | undefined;
}

/** Where a delivery stands among those of its endpoint: by due time, then by id. */
export interface Position {
  readonly dueMs: number;
  readonly id: string;
}

export interface Batch {
  /** The journal row that says that these are in flight. */
  readonly id: number;
  readonly deliveries: readonly TakenDelivery[];
  /** Endpoints of these deliveries that the worker did not know at their present revision. */
  readonly endpoints: readonly Endpoint[];
  /** Endpoints that have more due than there was room for. */
  readonly more: readonly string[];
  /** When the next delivery of the other endpoints comes due; absent when there is none. */
  readonly nextDueMs?: number;
}

export interface TakenDelivery {
  readonly id: string;
  readonly shard: number;
  readonly epoch: number;
  readonly endpoint: string;
  readonly subscriber: string;
  /** As it is sent to this endpoint. */
  readonly event: Pick<EventRecord, "id" | "type" | "version" | "body">;
  /** The store's name for what is sent, where that is not the event's own bytes. */
  readonly rendition?: string;
  readonly dueMs: number;
  /** Others of its endpoint with the same key wait for its end. */
  readonly orderKey?: string;
  /** Attempts made before this one. */
  readonly attempts: number;
  /** Of these, how many count against the schedule: a manual retry starts it anew. */
  readonly scheduleStep: number;
  readonly createdAtMs: number;
}

export interface SettleRequest {
  readonly settlements: readonly Settlement[];
  /** At most one of an endpoint. */
  readonly health: readonly HealthChange[];
  /** Batches of which nothing is in flight after this; their journal rows are removed. */
  readonly finishedBatches: readonly number[];
  readonly nowMs: number;
}

export interface Settlement {
  readonly delivery: TakenDelivery;
  readonly attempt: Attempt;
  readonly next: NextStep;
  /** The endpoint is to be disabled for this reason. */
  readonly disableEndpoint?: string;
  /** What is to be told of it. Written into the `outbox` table, together with the settlement and where it counts. */
  readonly announcements?: readonly Announcement[];
}

/** An event that is published because of what became of an attempt. */
export interface Announcement {
  /** Told where the settlement counts, where its delivery has died of it, or where it has disabled its endpoint. */
  readonly on: "settled" | "dead" | "disabled";
  /** Of the event. */
  readonly id: string;
  readonly type: string;
  readonly subscriber: string;
  readonly data: unknown;
}

/** An endpoint that has failed lately. */
export interface HealthRecord {
  readonly endpoint: string;
  readonly health: EndpointHealth;
}

export interface HealthChange extends OwnedShard {
  readonly endpoint: string;
  /** Undefined when nothing is to be remembered any more. */
  readonly health: EndpointHealth | undefined;
}

export interface Page {
  readonly limit: number;
  /** The id after which the page begins, in the list's order. */
  readonly after?: string;
}

export interface DeliveryFilter {
  readonly event?: string;
  readonly endpoint?: string;
  readonly state?: DeliveryState;
}

/** How long a key stands for what was made under it. */
export const IDEMPOTENCY_MS = 24 * 60 * 60 * 1_000;

export interface Idempotency {
  readonly key: string;
  readonly digest: string;
  readonly nowMs: number;
}

/** `added` is the resource itself or, for a key that was used before with the same digest, the one from then. */
export type Added<T> =
  | { readonly ok: true; readonly added: T }
  | { readonly ok: false; readonly code: "idempotency_conflict" };
