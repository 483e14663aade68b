import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { InboxFileError, InboxUnavailable } from "../inbox.ts";
import { makeFolder } from "../make-folder.ts";
import { prepareSchema } from "./sqlite-schema.ts";
import { createWrites } from "./sqlite-writes.ts";

/** The one writer of an inbox file. */
export interface Database {
  /** `null` for one in memory. */
  readonly place: string | null;
  prepare(sql: string): ReturnType<DatabaseSync["prepare"]>;
  /** Runs `work` in a `BEGIN IMMEDIATE` transaction and resolves after its commit. `work` must not wait. */
  write<T>(work: () => T): Promise<T>;
  /** Runs `work`, which must not write. */
  read<T>(work: () => T): Promise<T>;
  close(): void;
}

/** Opens (and creates) the file: WAL, every commit on disk before it returns. */
export function openDatabase(path: string, patienceMs: number): Database {
  const database = openFile(path);
  const checkPlace = createPlaceCheck(database);
  const beginImmediate = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");

  /** No other turn of the event loop comes between its begin and its end. */
  const transact = <T>(work: () => T): { readonly result: T } | undefined => {
    try {
      beginImmediate.run();
    } catch (error) {
      if (isBusy(error)) return undefined;
      throw error;
    }
    try {
      const result = work();
      commit.run();
      return { result };
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  };
  const inTurn = createWrites({ transact, patienceMs });
  return {
    place: database.location(),
    prepare: (sql) => database.prepare(sql),
    read: async (work) => {
      try {
        checkPlace();
        return work();
      } catch (cause) {
        throw new InboxUnavailable("The inbox file could not be read", { cause });
      }
    },
    write: async (work) => {
      try {
        checkPlace();
        return await inTurn(work);
      } catch (cause) {
        throw new InboxUnavailable("The inbox file could not be written", { cause });
      }
    },
    close: () => database.isOpen && database.close(),
  };
}

function openFile(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (path !== ":memory:") makeFolder(dirname(resolve(path)));
    // SQLite waits for a lock by blocking the whole event loop. Only this, which runs before anything is served, waits
    // so; `write` waits without blocking.
    database = new DatabaseSync(path, { timeout: 5_000 });
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    prepareSchema(database);
    database.exec("PRAGMA busy_timeout = 0");
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof InboxFileError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InboxUnavailable(`The inbox file could not be opened: ${reason}`, { cause });
  }
}

/** SQLITE_BUSY and its extended codes. */
function isBusy(error: unknown): boolean {
  return (
    typeof error === "object" && error !== null && "errcode" in error && (Number(error.errcode) & 0xff) === 5
  );
}

/**
 * SQLite goes on writing into a file that was deleted or replaced, and what it keeps there ends with the process. What was
 * committed last is in the `-wal` only.
 */
function createPlaceCheck(database: DatabaseSync): () => void {
  // SQLite puts the other files beside the one that a link leads to. One in memory has none.
  const file = database.location();
  const paths = file === null ? [] : [file, `${file}-wal`, `${file}-shm`];
  const opened = paths.map((path) => ({ path, inode: inodeOf(path) }));
  return () => {
    if (opened.every(({ path, inode }) => inodeOf(path) === inode)) return;
    throw new InboxUnavailable(
      "The inbox file, or its -wal or -shm, was deleted or replaced; restart to use another",
    );
  };
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
