import { shardOf } from "../core/sharding.ts";
import type { Batch, OwnedShard, Taker, WorkerIdentity } from "../store.ts";
import type { Lanes } from "./lanes.ts";

export interface OfferingOptions {
  readonly identity: WorkerIdentity;
  readonly lanes: Pick<Lanes, "offer" | "room" | "taken">;
  readonly owned: () => ReadonlyMap<number, OwnedShard>;
  readonly now: () => number;
  /** Attempts in flight at once, over all endpoints. */
  readonly concurrency: number;
  readonly mayOffer: () => boolean;
  /** Gets what was taken, after the lanes; nothing where that is not known. */
  readonly onTaken: (batch: Batch | undefined) => void;
}

/** Offers publishers of this process to send at once what they publish. */
export interface Offering extends Taker {
  /** How many endpoints are offered, and not answered for yet. */
  open(): number;
}

export function createOffering({
  identity,
  lanes,
  owned,
  now,
  concurrency,
  mayOffer,
  onTaken,
}: OfferingOptions): Offering {
  let count = 0;
  return {
    worker: identity.id,
    offer(endpoint, deliveries) {
      const shard = owned().get(shardOf(endpoint));
      if (shard === undefined || !mayOffer()) return undefined;
      const nowMs = now();
      const room = Math.min(deliveries, lanes.room(concurrency, nowMs));
      const from = lanes.offer(endpoint, { ...shard, room, nowMs });
      if (from !== undefined) count += 1;
      return from;
    },
    taken(from, batch) {
      count -= from.length;
      lanes.taken(from, batch);
      onTaken(batch);
    },
    open: () => count,
  };
}
