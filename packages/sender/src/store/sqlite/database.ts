import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError, type Finding } from "../../store.ts";
import { migrate } from "./migrations.ts";

/**
 * Opens the database file (created with its folder when missing) in WAL mode with `synchronous = FULL`: a commit is on
 * disk when it answers. With `NORMAL` it would answer before the sync.
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { timeout: 2_000, enableForeignKeyConstraints: true });
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000");
    database.exec("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536");
    migrate(database);
    // From here on the commit queue waits for a lock, without stopping the process.
    database.exec("PRAGMA busy_timeout = 0");
    return database;
  } catch (cause) {
    throw new StoreUnavailableError(`The SQLite database cannot be opened: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Makes the check that the file is still the one that was opened. SQLite goes on writing into a file that was deleted or
 * replaced, and what it acknowledges then is gone at the end of the process.
 */
export function createPlaceCheck(path: string): () => void {
  if (path === ":memory:") return () => {};
  const opened = statSync(path).ino;
  return () => {
    const found = statSync(path, { throwIfNoEntry: false })?.ino;
    if (found !== opened)
      throw new StoreUnavailableError(
        "The SQLite database file was deleted or replaced; restart to use another",
      );
  };
}

/** Reads as of one moment, whatever others write meanwhile: the thread of this process, and other processes. */
export type Snapshot = <T>(read: () => T) => T;

export function createSnapshot(database: DatabaseSync): Snapshot {
  const begin = database.prepare("BEGIN");
  const commit = database.prepare("COMMIT");
  return (read) => {
    begin.run();
    try {
      return read();
    } finally {
      if (database.isTransaction) commit.run();
    }
  };
}

/** What the database says of its own durability. */
export function inspectDatabase(database: DatabaseSync): readonly Finding[] {
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  const journal = pragma("journal_mode");
  const synchronous = Number(pragma("synchronous"));
  return [
    {
      level: journal === "wal" ? "ok" : "unsafe",
      message: `SQLite journal_mode is ${journal} (wal expected)`,
    },
    {
      level: synchronous >= 2 ? "ok" : "unsafe",
      message: `SQLite synchronous is ${synchronous} (2, FULL, expected)`,
    },
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
