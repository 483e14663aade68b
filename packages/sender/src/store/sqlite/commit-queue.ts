import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "../../store.ts";
import { createDoubt, type Doubt } from "./doubt.ts";
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
  /**
   * Brings to disk what has been committed, for a database that does not sync commits by itself (`synchronous = NORMAL`):
   * while the disk works, the next writes do. Default: each commit syncs.
   */
  readonly sync?: () => Promise<void>;
  /** Shared with those who write over other connections of this process. Default: nobody does. */
  readonly doubt?: Doubt;
}

/**
 * Group commit: the writes that arrive in one turn of the event loop share one transaction, so one sync, and each is
 * answered after it; those that are relaxed go first and by themselves, so that they wait for no sync. A write that fails
 * takes back its own changes and nobody else's.
 */
export function createCommitQueue(database: DatabaseSync, options: CommitQueueOptions = {}): Write {
  const { checkPlace = () => {}, turns = createTurns(), sync, doubt = createDoubt() } = options;
  const statements = prepare(database);
  let waiting: Entry[] = [];

  /** False while another process writes; then it is tried again soon, and given up when the first has waited long. */
  const begin = (sinceMs = performance.now()): boolean => {
    try {
      statements.begin.run();
      return true;
    } catch (error) {
      if (!isBusy(error) || performance.now() - sinceMs > MAX_WAIT_MS) throw error;
      setTimeout(() => void turns.alone(flush), RETRY_MS);
      return false;
    }
  };

  /**
   * What a failed sync was to bring to disk may be left out by the next one, and what is behind it in the log lost with it:
   * the log has to begin anew first.
   */
  const makeSure = (): void => {
    if (!doubt.isRaised()) return;
    if (Number(statements.checkpoint.get()?.["busy"]) !== 0) throw doubtful();
    doubt.clear();
  };

  const answerWhenSynced = async (
    entries: readonly Entry[],
    executed: readonly Executed[],
  ): Promise<void> => {
    try {
      await sync?.();
      if (doubt.isRaised()) throw doubtful();
      answer(executed);
    } catch (cause) {
      doubt.raise();
      refuse(entries, doubtful(cause));
    }
  };

  /** Whether they have been committed, or refused, and need not wait any longer. */
  const commit = (entries: readonly Entry[]): boolean => {
    const isRelaxed = entries.every((entry) => entry.isRelaxed);
    const isUnsynced = sync === undefined && isRelaxed;
    try {
      // Not prepared: SQLite does what this says when it reads it, not when it is run.
      if (isUnsynced) database.exec("PRAGMA synchronous = NORMAL");
      checkPlace();
      makeSure();
      if (!begin(entries[0]?.sinceMs)) return false;
      const executed = executeAll(entries, statements);
      statements.commit.run();
      if (sync === undefined || isRelaxed) answer(executed);
      else void answerWhenSynced(entries, executed);
    } catch (error) {
      if (database.isOpen && database.isTransaction) statements.rollback.run();
      refuse(entries, error);
    } finally {
      if (isUnsynced && database.isOpen) database.exec("PRAGMA synchronous = FULL");
    }
    return true;
  };

  const flush = (): void => {
    const groups = [true, false].map((isRelaxed) => waiting.filter((entry) => entry.isRelaxed === isRelaxed));
    while (groups[0] !== undefined && (groups[0].length === 0 || commit(groups[0]))) groups.shift();
    waiting = groups.flat();
  };

  return (operation, durability) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(() => void turns.alone(flush));
      const isRelaxed = durability === "relaxed";
      waiting.push({ operation, isRelaxed, sinceMs: performance.now(), resolve, reject });
    });
}

type Statements = ReturnType<typeof prepare>;

/** Runs writes inside the transaction. One by itself needs no savepoint: what it throws ends the transaction. */
function executeAll(entries: readonly Entry[], statements: Statements): Executed[] {
  const [first] = entries;
  if (first !== undefined && entries.length === 1)
    return [{ entry: first, ok: true, value: first.operation() }];
  return entries.map((entry) => attempt(entry, statements));
}

/** Runs one of several writes inside the transaction. */
function attempt(entry: Entry, statements: Statements): Executed {
  const { savepoint, releaseSavepoint, rollbackSavepoint } = statements;
  savepoint.run();
  try {
    const value = entry.operation();
    releaseSavepoint.run();
    return { entry, ok: true, value };
  } catch (error) {
    // A full disk ends the whole transaction: what came before in it is lost too, so all of it is refused.
    if (!statements.database.isTransaction) throw error;
    rollbackSavepoint.run();
    releaseSavepoint.run();
    return { entry, ok: false, error };
  }
}

function doubtful(cause?: unknown): StoreUnavailableError {
  return new StoreUnavailableError("SQLite: what was written could not be brought to disk", { cause });
}

function answer(executed: readonly Executed[]): void {
  for (const done of executed) {
    if (done.ok) done.entry.resolve(done.value as never);
    else done.entry.reject(asUnavailable(done.error));
  }
}

function refuse(entries: readonly Entry[], error: unknown): void {
  for (const { reject } of entries) reject(asUnavailable(error));
}

function prepare(database: DatabaseSync) {
  return {
    database,
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    savepoint: database.prepare("SAVEPOINT write"),
    releaseSavepoint: database.prepare("RELEASE write"),
    rollbackSavepoint: database.prepare("ROLLBACK TO write"),
    checkpoint: database.prepare("PRAGMA wal_checkpoint(TRUNCATE)"),
  };
}

/** How long another process may hold the database before writes are refused. */
const MAX_WAIT_MS = 1_500;
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
