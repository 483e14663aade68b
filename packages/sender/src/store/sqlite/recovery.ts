import type { DatabaseSync } from "node:sqlite";
import { createHistory } from "./history.ts";
import { createJournal, type JournalEntry } from "./journal.ts";

export interface Interruption {
  /** The worker that is gone. */
  readonly worker: string;
  readonly shards: ReadonlySet<number>;
  readonly nowMs: number;
  readonly maxInterruptions: number;
}

/** What a crash left behind: attempts that were in flight, whose end nobody will ever report. */
export function createRecovery(database: DatabaseSync) {
  const journal = createJournal(database);
  const history = createHistory(database);
  const statements = {
    find: database.prepare("SELECT attempts, interruptions FROM pending WHERE id = ?"),
    interrupt: database.prepare("UPDATE pending SET attempts = ?, interruptions = ? WHERE id = ?"),
  };

  const interruptOne = (
    { delivery, attempt }: JournalEntry,
    takenMs: number,
    { nowMs, maxInterruptions }: Interruption,
  ) => {
    const row = statements.find.get(delivery);
    // A delivery whose count has moved on was settled; only its batch was not finished.
    if (row === undefined || Number(row["attempts"]) !== attempt - 1) return;
    const interruptions = Number(row["interruptions"]) + 1;
    history.record({
      delivery,
      number: attempt,
      startedAtMs: takenMs,
      durationMs: 0,
      outcome: "interrupted",
    });
    if (interruptions < maxInterruptions) statements.interrupt.run(attempt, interruptions, delivery);
    else
      history.finish({
        id: delivery,
        state: "dead",
        attempts: attempt,
        nowMs,
        reason: "interrupted_repeatedly",
      });
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
