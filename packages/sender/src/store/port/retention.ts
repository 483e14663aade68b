export interface Retention {
  /**
   * Removes a little of what is older than `beforeMs`: events, oldest first, with their deliveries, attempts and renditions;
   * rows of the `outbox` table that were refused before then; replays that were over before then; and idempotency keys
   * whose time is over. An event stays as
   * long as one of its deliveries has not come to its end. One that has more than can go at once loses its deliveries bit by
   * bit and goes with the last of them. What it costs depends on `limit` only, and nobody who publishes waits for it.
   */
  purge(request: PurgeRequest): Promise<Purged>;
}

export interface PurgeRequest {
  readonly beforeMs: number;
  readonly nowMs: number;
  /** How many events, deliveries and attempts at the most, and how many rows of other kinds. */
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
  /** The last event that need not be looked at again. */
  readonly after?: PurgePosition | undefined;
  /** Whether there may be more to remove after it. */
  readonly hasMore: boolean;
}
