import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "../../store.ts";
import { createTurns, type Turns } from "./turns.ts";

/**
 * Runs a write inside a transaction and answers once it is on disk. `relaxed` answers when the operating system has it: it
 * outlives the process, and is on disk with the next that is not relaxed.
 */
export type Write = <T>(operation: () => T, durability?: "relaxed") => Promise<T>;

interface Entry {
  readonly isRelaxed: boolean;
  readonly sinceMs: number;
  readonly operation: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

type Executed =
  | { readonly entry: Entry; readonly ok: true; readonly value: unknown }
  | { readonly entry: Entry; readonly ok: false; readonly error: unknown };

export interface CommitQueueOptions {
  /** Throws when nothing is to be written. Default: never. */
  readonly checkPlace?: () => void;
  /** Shared with those who write over other connections of this process. Default: nobody does. */
  readonly turns?: Turns;
  /** How long another process may hold the database before writes are refused. Default 1,500 ms. */
  readonly maxWaitMs?: number;
}

/**
 * Group commit: the writes that arrive in one turn of the event loop share one transaction, so one sync, and each is
 * answered after it. A write that fails takes back its own changes and nobody else's.
 */
export function createCommitQueue(
  database: DatabaseSync,
  { checkPlace = () => {}, turns = createTurns(), maxWaitMs = 1_500 }: CommitQueueOptions = {},
): Write {
  const statements = {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    savepoint: database.prepare("SAVEPOINT write"),
    releaseSavepoint: database.prepare("RELEASE write"),
    rollbackSavepoint: database.prepare("ROLLBACK TO write"),
  };
  let waiting: Entry[] = [];

  /** False while another process writes; then it is tried again soon, and given up when the first has waited long. */
  const begin = (sinceMs = performance.now()): boolean => {
    try {
      statements.begin.run();
      return true;
    } catch (error) {
      if (!isBusy(error) || performance.now() - sinceMs > maxWaitMs) throw error;
      setTimeout(() => void turns.alone(flush), RETRY_MS);
      return false;
    }
  };

  const attempt = (entry: Entry): Executed => {
    statements.savepoint.run();
    try {
      const value = entry.operation();
      statements.releaseSavepoint.run();
      return { entry, ok: true, value };
    } catch (error) {
      // A full disk ends the whole transaction: what came before in it is lost too, so all of it is refused.
      if (!database.isTransaction) throw error;
      statements.rollbackSavepoint.run();
      statements.releaseSavepoint.run();
      return { entry, ok: false, error };
    }
  };

  const flush = () => {
    const entries = waiting;
    const isRelaxed = entries.every((entry) => entry.isRelaxed);
    waiting = [];
    try {
      // Not prepared: SQLite does what this says when it reads it, not when it is run.
      if (isRelaxed) database.exec("PRAGMA synchronous = NORMAL");
      checkPlace();
      if (!begin(entries[0]?.sinceMs)) {
        waiting = entries;
        return;
      }
      const executed = entries.map(attempt);
      statements.commit.run();
      for (const done of executed) {
        if (done.ok) done.entry.resolve(done.value as never);
        else done.entry.reject(asUnavailable(done.error));
      }
    } catch (error) {
      if (database.isOpen && database.isTransaction) statements.rollback.run();
      for (const entry of entries) entry.reject(asUnavailable(error));
    } finally {
      if (isRelaxed && database.isOpen) database.exec("PRAGMA synchronous = FULL");
    }
  };

  return (operation, durability) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(() => void turns.alone(flush));
      const isRelaxed = durability === "relaxed";
      waiting.push({ operation, isRelaxed, sinceMs: performance.now(), resolve, reject });
    });
}

/** How often to look whether another process still holds the database. */
const RETRY_MS = 20;

const BUSY = 5;
const CONSTRAINT = 19;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === BUSY;
}

/** SQLite's own errors mean that the store cannot do its work now; a broken constraint is a fault of ours. */
export function asUnavailable(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const isConstraint = "errcode" in error && (Number(error.errcode) & 0xff) === CONSTRAINT;
  const isSqlite = error.code === "ERR_SQLITE_ERROR" && !isConstraint;
  if (error.code === "ERR_INVALID_STATE") return closed(error);
  return isSqlite ? new StoreUnavailableError(`SQLite: ${error.message}`, { cause: error }) : error;
}

/** What a store answers that is closed. */
export function closed(cause?: unknown): StoreUnavailableError {
  const message = "SQLite: the store is closed, as it is when its sender has been stopped";
  return new StoreUnavailableError(message, { cause });
}
