/**
 * The inbox: where accepted events wait, deduplicated, until every destination that is owed them is through with them.
 *
 * Rules every implementation keeps, and `describeInbox` of `@hooks/receiver/conformance` checks:
 * - `accept` deduplicates and enqueues in one atomic step, and answers only when the entry is durable.
 * - An entry is claimed and settled for each of its destinations on its own: attempts, due times and dead letters of
 *   one do not touch another's. It leaves the inbox when all are through.
 * - An entry is claimable for a destination when its due time has come. Claiming moves the due time past the lease, so
 *   the claim of a process that died ends by itself: there is no "being handled" state and no sweeper.
 * - Every claim counts an attempt, also one that ended in a crash. The attempt number is the fence: a settlement
 *   under an older attempt is refused.
 * - Entries of one source and subject are claimable for a destination one after another, in the order they came: the
 *   next when the one before is done or dead. A subject that waits does not hold up another.
 * - What is not settled is never dropped, trimmed or evicted. Beyond the high-water mark new events are refused.
 * - Leases and waits go by one clock, which is the inbox's own: its processes may be on machines whose clocks are apart.
 * - A source without events costs nothing but room: whoever claims asks `due` which ones to claim from.
 *
 * Faults (the store is gone, closed, hangs, refuses) are thrown as `InboxUnavailable`: by `accept` and `acceptBatch` within a second,
 * because a sender waits (with the defaults after 800 ms in SQLite, 500 ms in Redis), by the other verbs within 2
 * seconds. `selfCheck` may wait 3 seconds for a connection first, and as long as other verbs for each of its questions.
 */
export interface Inbox {
  /**
   * Sources may be away one by one, as in a cluster: what is asked about several of them at once fails when one of them is.
   * Default false.
   */
  readonly failsBySource?: boolean;
  /** Deduplicates by source and event id and enqueues. `full`: the source is at its high-water mark. */
  accept(event: IncomingEvent): Promise<AcceptResult>;
  /**
   * Accepts the events of one request, which are all of one source, in one atomic step: all of those that are new, or
   * none. Below its high-water mark a source takes any batch, so that none is too large for ever.
   */
  acceptBatch(events: readonly IncomingEvent[]): Promise<BatchResult>;
  /** Leases up to `limit` entries of one source that are due for one destination to the caller. */
  claim(request: ClaimRequest): Promise<readonly ClaimedEntry[]>;
  /** Extends leases; gives whether each was still held. */
  renew(request: RenewRequest): Promise<readonly boolean[]>;
  /** Records what became of claimed entries; gives for each whether its claim still held and it was recorded. */
  settle(settlements: readonly Settlement[]): Promise<readonly boolean[]>;
  /**
   * Where something may be claimable, among others of these sources: a look that costs about the same however many sources
   * have nothing. What this process has accepted is named by the next look; what others have, or left behind, within a time
   * that the implementation says.
   */
  due(sources: Names): Promise<readonly Due[]>;
  /** Resolves when something new may be claimable, when the time is over, or when aborted. Never rejects. */
  wait(request: WaitRequest): Promise<void>;
  /** How much waits and how much is dead, per source. */
  depth(source: string): Promise<InboxDepth>;
  /** The destinations that are, or once were, owed events of a source; also those no longer configured. */
  owed(source: string): Promise<readonly string[]>;
  /** Dead letters of a source, oldest first, after `after` (a `key`). */
  deadLetters(request: DeadLetterQuery): Promise<readonly DeadLetter[]>;
  /** Events of a source by what became of them, oldest first, after `after` (a `key`). */
  events(query: EventQuery): Promise<readonly Entry[]>;
  /**
   * Owes events that are done to destinations anew, at attempt 1; gives how many there were. They are waiting then, and
   * done again when all destinations are through.
   */
  replay(request: ReplayRequest): Promise<number>;
  /** Makes dead letters claimable again for their destination, at attempt 1; gives how many there were. */
  requeue(request: RequeueRequest): Promise<number>;
  /** Removes dead letters for good; gives how many there were. Nothing else that their events are owed is touched. */
  discard(request: DiscardRequest): Promise<number>;
  /** Whether the store is set up so that an acknowledged event survives. */
  selfCheck(): Promise<readonly Finding[]>;
  /**
   * Calls `listener` whenever the store may be another server from now on, or set up otherwise, before anything that it was
   * given there is answered. Left out where that cannot be.
   */
  onReconnect?(listener: () => void): void;
  /** Ends connections. Unsettled claims end with their lease. */
  close(): Promise<void>;
}

/** A verified event on its way in. */
export interface IncomingEvent {
  readonly source: string;
  readonly eventId: string;
  readonly eventType: string | undefined;
  /**
   * Who is owed the event. Without any it waits until the source is claimed from, and is then owed to the
   * destinations the claim names.
   */
  readonly destinations?: readonly string[] | undefined;
  /** What it is about, when its order matters; at most 256 characters. */
  readonly subject?: string | undefined;
  /** Waiting entries of the source above which the inbox refuses it; those of one source agree on it. Default: the inbox's. */
  readonly highWaterMark?: number | undefined;
  /** The kept headers; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes exactly as received. */
  readonly body: Uint8Array;
  readonly receivedAtMs: number;
}

export type AcceptResult = "accepted" | "duplicate" | "full";

/** One result per event, in their order; of two with the same id the second is the duplicate. */
export type BatchResult = "full" | readonly ("accepted" | "duplicate")[];

/** An event in the inbox. */
export interface Entry extends Omit<IncomingEvent, "destinations" | "highWaterMark"> {
  /** The inbox's own name of the entry; opaque. */
  readonly key: string;
}

/** An entry under lease. */
export interface ClaimedEntry extends Entry {
  /** For whom it was claimed. */
  readonly destination: string;
  /** 1 for the first claim; also the fence of this claim. */
  readonly attempt: number;
  /** How many destinations were owed the entry when it came. */
  readonly shares: number;
}

export interface ClaimRequest {
  readonly source: string;
  /** For whom. */
  readonly destination: string;
  /**
   * All destinations of the source, this one among them unless it was removed: whom an event is owed to that came without
   * destinations.
   */
  readonly routes: readonly string[];
  readonly limit: number;
  readonly leaseMs: number;
  /**
   * Since when `routes` are those. What was received later for a destination that is not among them is left: another process may
   * have it again. Default: nothing is left.
   */
  readonly sinceMs?: number | undefined;
}

/** What names one claim of one entry. */
export type Claim = Pick<ClaimedEntry, "source" | "destination" | "key" | "attempt" | "shares" | "subject">;

export interface RenewRequest {
  readonly claims: readonly Claim[];
  readonly leaseMs: number;
}

export type Settlement =
  | { readonly kind: "done"; readonly claim: Claim }
  /** Claimable again so long after this is recorded. */
  | { readonly kind: "retry"; readonly claim: Claim; readonly delayMs: number }
  | { readonly kind: "dead"; readonly claim: Claim; readonly reason: string };

/** A set of names, or a map by name. */
export type Names = Pick<ReadonlySet<string>, "has" | "size"> & { keys(): Iterator<string> };

/** Where something may be claimable. */
export interface Due {
  readonly source: string;
  /** For whom; none: for any of the source's destinations. */
  readonly destination?: string | undefined;
}

export interface WaitRequest {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface InboxDepth {
  /** Entries that a destination is still owed, under lease or not. */
  readonly waiting: number;
  /** Dead letters: an event that is dead for two destinations counts twice. */
  readonly dead: number;
}

/** An entry that one destination will not get, unless it is requeued. */
export interface DeadLetter extends Entry {
  readonly destination: string;
  readonly attempts: number;
  readonly reason: string;
  readonly buriedAtMs: number;
}

export interface DeadLetterQuery {
  readonly source: string;
  readonly limit: number;
  readonly after?: string | undefined;
}

export interface EventQuery extends DeadLetterQuery {
  /** `waiting`: a destination is owed it. `done`: all are through, and it is kept for as long as `keptEvents` says. */
  readonly state: "waiting" | "done";
}

export interface ReplayRequest extends RequeueRequest {
  readonly destinations: readonly string[];
}

export interface RequeueRequest {
  readonly source: string;
  readonly keys: readonly string[];
}

export type DiscardRequest = RequeueRequest;

/** One line of a self-check. `unsafe` means that an acknowledged event could be lost. */
export interface Finding {
  readonly level: "ok" | "warning" | "unsafe";
  readonly message: string;
}

/** The store did not take the event or did not answer in time; whether it was stored is unknown. */
export class InboxUnavailable extends Error {
  override readonly name = "InboxUnavailable";
  /** `durability_unavailable`: stored, but not on as many replicas as demanded; or not stored, where it could be lost. */
  readonly code: "queue_unavailable" | "durability_unavailable";
  constructor(message: string, options: ErrorOptions & { readonly code?: InboxUnavailable["code"] } = {}) {
    super(message, options);
    this.code = options.code ?? "queue_unavailable";
  }
}

/** The inbox's file was made by another version, and is left as it is. */
export class InboxFileError extends Error {
  override readonly name = "InboxFileError";
  readonly code = "inbox_file_outdated";
}

export interface InboxLimits {
  /**
   * How long an event id is remembered at least; at most it is twice as long. Default 7 days: longer than any provider
   * retries. A change of it forgets the ids that were remembered before.
   */
  readonly dedupeMs?: number;
  /**
   * Entries per source above which `accept` answers `full`, where the event says no other number. What any destination is
   * still owed counts, dead letters do not. Default 250,000: about half a
   * gigabyte of usual events.
   */
  readonly highWaterMark?: number;
  /**
   * Events per source that are kept for `replay` when all destinations are through with them; then the oldest go. Default
   * 0: they take room, and each costs another write.
   */
  readonly keptEvents?: number;
}

/** The defaults of `InboxLimits`, in literals: bundlers keep a product that nobody asks for. */
export const inboxLimits: Required<InboxLimits> = {
  dedupeMs: 604_800_000,
  highWaterMark: 250_000,
  keptEvents: 0,
};
