import type { Batch, TakeFrom, TakenDelivery, Taker, Work } from "../store.ts";

/** Who may take what is published through a store, with its commit. */
export interface Serving extends Pick<Work, "serve"> {
  takerNow(): Taker | undefined;
}

export function createServing(): Serving {
  let taker: Taker | undefined;
  return {
    takerNow: () => taker,
    serve(one) {
      taker = one;
      return () => {
        if (taker === one) taker = undefined;
      };
    },
  };
}

/** What a taker is told where nothing was taken of what it offered. */
export const NOTHING_TAKEN: Batch = { id: 0, deliveries: [], endpoints: [], more: [] };

/** What is known of a delivery that was inserted just now. */
export interface Inserted extends Pick<TakenDelivery, "id" | "subscriber" | "event"> {
  readonly rendition?: string | undefined;
  readonly nowMs: number;
}

/** It is as `take` would give it. */
export function newlyTaken(
  { shard, epoch, endpoint }: TakeFrom,
  { id, subscriber, event, rendition, nowMs }: Inserted,
): TakenDelivery {
  return {
    id,
    shard,
    epoch,
    endpoint,
    subscriber,
    event,
    ...(rendition === undefined ? {} : { rendition }),
    dueMs: nowMs,
    attempts: 0,
    scheduleStep: 0,
    createdAtMs: nowMs,
  };
}
