import type { Endpoint, EventRecord } from "../../core/model.ts";
import type { AnnounceDeath, HealthRecord, SettleRequest } from "./settlement.ts";

export interface Work {
  /**
   * The heartbeat: keeps the worker's shards for another `leaseMs`, takes over shards without a live owner up to a fair
   * share, and says which ones to hand over. Who is live is told by a clock of the store's, whatever that of a worker says.
   * Attempts that the former owner had in flight are recorded as
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
   * Says which batches of the worker are in flight, for the answer to a `take` of its was lost, or to what took with the
   * commit. What else is journalled for it was never begun and is forgotten. Not to be asked while the worker takes, or an
   * offer of its is not answered.
   */
  forgetTaken(worker: string, inFlight: readonly number[]): Promise<void>;
  /**
   * What is published through this store may be taken with its commit from now on, until the function that it gives is
   * called or another taker comes: deliveries of endpoints that the taker offers to take from, journalled in the transaction
   * that keeps them. On the conditions of `take`; besides, nothing with an order key, nothing of an endpoint at another
   * revision than the taker knows, and nothing in a transaction of the caller's. A store may take less, or nothing.
   */
  serve(taker: Taker): () => void;
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
   * is called. An empty list says that something may have been missed. `onShards`: a worker has come, or shards were handed
   * over, so that it is worth asking for a lease. Never throws.
   */
  hear(onAnnounced: (endpoints: readonly string[]) => void, onShards: () => void): () => void;
}

export interface LeaseRequest {
  readonly worker: WorkerIdentity;
  /** What is recorded of attempts of the former owner happened then. No lease depends on it. */
  readonly nowMs: number;
  /** Up to an hour. */
  readonly leaseMs: number;
  /** It takes nothing over any more, all that it owns is excess, and the others share it. */
  readonly isLeaving?: boolean;
  readonly maxInterruptions: number;
  /** What is told of deliveries that die of their interruptions. */
  readonly announceDeath?: AnnounceDeath | undefined;
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
  /** The time by the store, where it has a clock of its own: the one that all workers go by. */
  readonly storeMs?: number;
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

/** A worker that would send at once what is published for endpoints of which nothing waits. Neither of its verbs throws. */
export interface Taker {
  /** Its id. */
  readonly worker: string;
  /**
   * What it would take of this endpoint now, which is to get so many deliveries; undefined for nothing. It keeps places for
   * these, and takes nothing else of the endpoint, until that is answered. All that it may be given is new, so `after` and
   * `inFlight` say nothing.
   */
  offer(endpoint: string, deliveries: number): TakeFrom | undefined;
  /**
   * Answers offers, each of them once: what was taken, after the commit; a batch of nothing where nothing was. Absent when
   * that is not known: then something may have been journalled, which is for `forgetTaken`.
   */
  taken(from: readonly TakeFrom[], batch?: Batch): void;
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
  /** The body could not be read and is empty: nothing is to be sent, and the attempt comes to this. */
  readonly fault?: "payload_unavailable";
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
