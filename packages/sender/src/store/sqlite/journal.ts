import type { DatabaseSync } from "node:sqlite";
import type { Work } from "../../store.ts";
import type { Write } from "./commit-queue.ts";

/** What is in flight: a delivery, the number of the attempt being made, its shard. */
export interface JournalEntry {
  readonly delivery: string;
  readonly attempt: number;
  readonly shard: number;
}

/** One row a batch, so that after a crash the attempts in flight are known. */
export function createJournal(database: DatabaseSync) {
  const statements = {
    add: database.prepare("INSERT INTO journal (worker, taken_ms, entries) VALUES (?, ?, ?)"),
    remove: database.prepare("DELETE FROM journal WHERE batch = ?"),
    ofWorker: database.prepare("SELECT taken_ms, entries FROM journal WHERE worker = ?"),
    removeOthers: database.prepare(
      "DELETE FROM journal WHERE worker = ? AND batch NOT IN (SELECT value FROM json_each(?))",
    ),
    removeOwnerless: database.prepare(
      `DELETE FROM journal WHERE worker NOT IN (SELECT id FROM workers)
         AND worker NOT IN (SELECT owner FROM shards WHERE owner IS NOT NULL)`,
    ),
  };
  return {
    add(worker: string, takenMs: number, entries: readonly JournalEntry[]): number {
      return Number(statements.add.run(worker, takenMs, JSON.stringify(entries)).lastInsertRowid);
    },
    remove(batch: number): void {
      statements.remove.run(batch);
    },
    ofWorker(
      worker: string,
    ): readonly { readonly takenMs: number; readonly entries: readonly JournalEntry[] }[] {
      return statements.ofWorker.all(worker).map((row) => ({
        takenMs: Number(row["taken_ms"]),
        entries: JSON.parse(String(row["entries"])) as JournalEntry[],
      }));
    },
    removeOthers(worker: string, batches: readonly number[]): void {
      statements.removeOthers.run(worker, JSON.stringify(batches));
    },
    /** Drops the rows of workers that are gone and whose shards all have a new owner. */
    removeOwnerless(): void {
      statements.removeOwnerless.run();
    },
  };
}

/** What a worker may say of the journal. */
export function createForgetting(database: DatabaseSync, write: Write): Pick<Work, "forgetTaken"> {
  const journal = createJournal(database);
  return { forgetTaken: (worker, inFlight) => write(() => journal.removeOthers(worker, inFlight)) };
}
