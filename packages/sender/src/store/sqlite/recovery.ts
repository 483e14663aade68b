import type { DatabaseSync } from "node:sqlite";
import { aloneMs } from "../../core/delivery.ts";
import type { Attempt, Delivery } from "../../core/model.ts";
import type { AnnounceDeath } from "../../store.ts";
import type { Seals } from "../seals.ts";
import { createObituaries } from "./obituaries.ts";
import { createHistory } from "./history.ts";
import { createJournal } from "./journal.ts";
import { createOrder } from "./order.ts";
import { createPending, type PendingState } from "./pending.ts";

export interface Interruption {
  /** The worker that is gone. */
  readonly worker: string;
  readonly shards: ReadonlySet<number>;
  readonly nowMs: number;
  readonly maxInterruptions: number;
  readonly announceDeath: AnnounceDeath | undefined;
}

/** An attempt that was cut off. */
interface Cut {
  readonly delivery: Delivery & PendingState;
  readonly attempt: number;
  readonly interruptions: number;
  readonly place: number;
  readonly takenMs: number;
}

const INTERRUPTED = "interrupted_repeatedly";

/** What a crash left behind: attempts that were in flight, whose end nobody will ever report. */
export function createRecovery(database: DatabaseSync, seals: Seals) {
  const journal = createJournal(database);
  const history = createHistory(database, seals);
  const pending = createPending(database);
  const order = createOrder(database);
  const tellOf = createObituaries(database, seals);
  const interrupt = database.prepare("UPDATE pending SET attempts = ?, interruptions = ? WHERE id = ?");

  const postpone = database.prepare("UPDATE pending SET due_ms = ? WHERE id = ?");

  const interruptOne = (
    { delivery, attempt, interruptions, place, takenMs }: Cut,
    { nowMs, maxInterruptions, announceDeath }: Interruption,
  ) => {
    const { id } = delivery;
    const made: Attempt = {
      delivery: id,
      number: attempt,
      startedAtMs: takenMs,
      durationMs: 0,
      outcome: "interrupted",
    };
    if (interruptions < maxInterruptions) {
      history.record(made);
      interrupt.run(attempt, interruptions, id);
      if (interruptions > 1) postpone.run(nowMs + aloneMs(place), id);
    } else {
      pending.remove(id);
      order.advance(delivery.endpoint, delivery.orderKey, nowMs);
      history.finish({
        ...delivery,
        state: "dead",
        attempts: attempt,
        nowMs,
        reason: INTERRUPTED,
        last: made,
      });
      tellOf({ delivery, reason: INTERRUPTED, attempt: made, nowMs }, announceDeath);
    }
  };

  /** All of a worker have places, whoever takes over which shards. */
  const cutsOf = (worker: string, shards: ReadonlySet<number>): readonly Cut[] => {
    const cuts = new Map<string, Cut>();
    let place = 0;
    for (const { takenMs, entries } of journal.ofWorker(worker))
      for (const { delivery: id, attempt, shard } of entries) {
        const delivery = pending.find(id);
        const uncounted = attempt - (delivery?.attempts ?? Number.NaN);
        if (delivery === undefined || (uncounted !== 0 && uncounted !== 1)) continue;
        const interruptions = delivery.interruptions + uncounted;
        if (interruptions > 1) place += 1;
        // A delivery whose count has moved on was settled; only its batch was not finished.
        if (uncounted === 1 && shards.has(shard))
          cuts.set(id, { delivery, attempt, interruptions, place, takenMs });
      }
    return [...cuts.values()];
  };

  return {
    /**
     * Counts what the worker had in flight in these shards as attempts; parks what has now been in too many crashes. One that
     * has been in two goes alone.
     */
    interrupt(interruption: Interruption): void {
      const { worker, shards } = interruption;
      for (const cut of cutsOf(worker, shards)) interruptOne(cut, interruption);
    },
    forgetOwnerless: () => journal.removeOwnerless(),
  };
}
