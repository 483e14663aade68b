import type { DatabaseSync } from "node:sqlite";
import type { Attempt } from "../../core/model.ts";
import type { Seals } from "../seals.ts";
import { createHistory } from "./history.ts";
import { createJournal, type JournalEntry } from "./journal.ts";
import { createOrder } from "./order.ts";
import { createPending } from "./pending.ts";

export interface Interruption {
  /** The worker that is gone. */
  readonly worker: string;
  readonly shards: ReadonlySet<number>;
  readonly nowMs: number;
  readonly maxInterruptions: number;
}

/** What a crash left behind: attempts that were in flight, whose end nobody will ever report. */
export function createRecovery(database: DatabaseSync, seals: Seals) {
  const journal = createJournal(database);
  const history = createHistory(database, seals);
  const pending = createPending(database);
  const order = createOrder(database);
  const interrupt = database.prepare("UPDATE pending SET attempts = ?, interruptions = ? WHERE id = ?");

  const interruptOne = (
    { delivery: id, attempt }: JournalEntry,
    takenMs: number,
    { nowMs, maxInterruptions }: Interruption,
  ) => {
    const delivery = pending.find(id);
    // A delivery whose count has moved on was settled; only its batch was not finished.
    if (delivery?.attempts !== attempt - 1) return;
    const interruptions = delivery.interruptions + 1;
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
    } else {
      pending.remove(id);
      order.advance(delivery.endpoint, delivery.orderKey, nowMs);
      history.finish({
        ...delivery,
        state: "dead",
        attempts: attempt,
        nowMs,
        reason: "interrupted_repeatedly",
        last: made,
      });
    }
  };

  return {
    /** Counts what the worker had in flight in these shards as attempts; parks what has now been in too many crashes. */
    interrupt(interruption: Interruption): void {
      for (const { takenMs, entries } of journal.ofWorker(interruption.worker)) {
        for (const entry of entries) {
          if (interruption.shards.has(entry.shard)) interruptOne(entry, takenMs, interruption);
        }
      }
    },
    forgetOwnerless: () => journal.removeOwnerless(),
  };
}
