import type { DatabaseSync } from "node:sqlite";
import type { TakeFrom } from "../../store.ts";
import { createJournal, type JournalEntry } from "./journal.ts";

/** What a worker offers to take of an endpoint, so far as the thread asks for it. */
export type Offer = Pick<TakeFrom, "endpoint" | "shard" | "epoch" | "room" | "knownRevision">;

/** What a worker would take of that which a call publishes. */
export interface Offers {
  readonly worker: string;
  readonly of: readonly Offer[];
}

/** What was taken of a call, with its commit. */
export interface Along {
  /** The journal row. */
  readonly batch: number;
  readonly deliveries: readonly DeliveryAlong[];
}

export interface DeliveryAlong {
  readonly id: string;
  readonly event: string;
  readonly endpoint: string;
  readonly subscriber: string;
  readonly sequence: number | undefined;
}

/** What is published in a call and taken with it. */
export interface TakingAlong {
  /** A delivery was inserted that is due at once and sends the event's own bytes. */
  add(delivery: DeliveryAlong): void;
  /** Journals what is taken, inside the transaction that inserted it. */
  close(nowMs: number): Along | undefined;
}

/** Takes what is inserted, on the conditions of `take`. */
export function createTakingAlong(database: DatabaseSync): (offers: Offers) => TakingAlong {
  const journal = createJournal(database);
  const isServed = database.prepare(
    `SELECT 1 FROM shards, endpoints
     WHERE shards.shard = ? AND shards.owner = ? AND shards.epoch = ? AND endpoints.id = ? AND endpoints.state = 'active'
       AND endpoints.revision = ?`,
  );
  return ({ worker, of }) => {
    const rooms = new Map(of.map(({ endpoint, room }) => [endpoint, room]));
    const given: DeliveryAlong[] = [];
    return {
      add(delivery) {
        const room = rooms.get(delivery.endpoint) ?? 0;
        if (room === 0) return;
        rooms.set(delivery.endpoint, room - 1);
        given.push(delivery);
      },
      close(nowMs) {
        const served = new Map<string, Offer>();
        for (const offer of of) {
          const { endpoint, shard, epoch, knownRevision = null } = offer;
          if (isServed.get(shard, worker, epoch, endpoint, knownRevision)) served.set(endpoint, offer);
        }
        const deliveries: DeliveryAlong[] = [];
        const entries: JournalEntry[] = [];
        for (const delivery of given) {
          const offer = served.get(delivery.endpoint);
          if (offer === undefined) continue;
          deliveries.push(delivery);
          entries.push({ delivery: delivery.id, attempt: 1, shard: offer.shard });
        }
        return entries.length === 0 ? undefined : { batch: journal.add(worker, nowMs, entries), deliveries };
      },
    };
  };
}
