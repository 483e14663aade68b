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
     WHERE shards.shard = ? AND shards.owner = ? AND shards.epoch = ? AND endpoints.id = ? AND endpoints.revision = ?`,
  );
  return ({ worker, of }) => {
    const left = new Map(of.map((offer) => [offer.endpoint, { offer, room: offer.room }]));
    const deliveries: DeliveryAlong[] = [];
    const entries: JournalEntry[] = [];
    return {
      add(delivery) {
        const offered = left.get(delivery.endpoint);
        if (offered === undefined || offered.room === 0) return;
        offered.room -= 1;
        deliveries.push(delivery);
        entries.push({ delivery: delivery.id, attempt: 1, shard: offered.offer.shard });
      },
      close(nowMs) {
        const served = new Set(
          of
            .filter(({ endpoint, shard, epoch, knownRevision = null }) =>
              isServed.get(shard, worker, epoch, endpoint, knownRevision),
            )
            .map(({ endpoint }) => endpoint),
        );
        const isTaken = (_: unknown, index: number) => served.has(deliveries[index]?.endpoint ?? "");
        const taken = deliveries.filter(isTaken);
        if (taken.length === 0) return undefined;
        return { batch: journal.add(worker, nowMs, entries.filter(isTaken)), deliveries: taken };
      },
    };
  };
}
