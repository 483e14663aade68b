import type { DeadLetters } from "./store/port/dead-letters.ts";
import type { Keys } from "./store/port/keys.ts";
import type { Outbox } from "./store/port/outbox.ts";
import type { Records } from "./store/port/records.ts";
import type { Registry } from "./store/port/registry.ts";
import type { Replays } from "./store/port/replays.ts";
import type { Retention } from "./store/port/retention.ts";
import type { Statistics } from "./store/port/statistics.ts";
import type { Work } from "./store/port/work.ts";

export {
  TransactionError,
  type Outbox,
  type Transaction,
  type NewEvent,
  type Rendered,
  type Unrendered,
  type PublishResult,
  type PublishRefusal,
  type Submitted,
  type EndedSubmissions,
  type RefusedSubmission,
} from "./store/port/outbox.ts";
export type {
  Work,
  LeaseRequest,
  WorkerIdentity,
  OwnedShard,
  Ownership,
  DueRequest,
  Due,
  DueEndpoint,
  TakeRequest,
  TakeFrom,
  Taker,
  Position,
  Batch,
  TakenDelivery,
} from "./store/port/work.ts";
export type {
  SettleRequest,
  Settlement,
  Announcement,
  SettlementAnnouncement,
  Death,
  AnnounceDeath,
  HealthRecord,
  HealthChange,
} from "./store/port/settlement.ts";
export { IDEMPOTENCY_MS, type Registry, type Idempotency, type Added } from "./store/port/registry.ts";
export type { Records, DeliveryFilter } from "./store/port/records.ts";
export type { DeadLetters, DeadLetterFilter, Sent } from "./store/port/dead-letters.ts";
export type {
  Replays,
  ReplaysFilter,
  ReplayChange,
  AnnounceReplay,
  ReplayStep,
  ReplayProgress,
  CountPosition,
  CountRequest,
  Count,
} from "./store/port/replays.ts";
export type { Statistics, EndpointStatistics } from "./store/port/statistics.ts";
export type { Page } from "./store/port/page.ts";
export type { Keys, RewrapRequest, Rewrapped } from "./store/port/keys.ts";
export type { Retention, PurgeRequest, PurgePosition, Purged } from "./store/port/retention.ts";

/**
 * Where events, deliveries and endpoints are kept. Every verb is atomic and durable when it answers, and the caller
 * brings the clock. A store that is away rejects with a `StoreUnavailableError`; a value that cannot be decrypted is a
 * `VaultError` to whoever asks for it. What else a verb rejects with, it says.
 *
 * The hot verbs follow one model: **workers own endpoints, not deliveries**. Endpoints fall into `SHARD_COUNT` shards;
 * a worker leases shards under an epoch that grows with every change of owner, and the store refuses what comes under
 * an old one.
 */
export interface Store
  extends Outbox, Work, Registry, Records, DeadLetters, Replays, Statistics, Retention, Keys {
  /**
   * What the store finds about itself at start, one line each; `unsafe` ones break the promise of durability. Waits as long
   * as its database is migrated.
   */
  selfCheck(): Promise<readonly Finding[]>;
  close(): Promise<void>;
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
