import { statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError, type Finding } from "../../store.ts";
import { makeFolder } from "./make-folder.ts";
import { migrate } from "./migrations.ts";

/**
 * Opens the database file (created with its folder when missing) in WAL mode with `synchronous = FULL`: a commit is on
 * disk when it answers. With `NORMAL` it would answer before the sync.
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    if (path !== ":memory:") makeFolder(dirname(path));
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
 * Makes the check that files are still those that were opened. SQLite goes on writing into what was deleted or replaced, and
 * what it acknowledges then is gone at the end of the process.
 */
export function createPlaceCheck(paths: readonly string[]): () => void {
  const opened = paths.map((path) => ({ path, file: fileAt(path) }));
  return () => {
    if (opened.some(({ path, file }) => fileAt(path) !== file))
      throw new StoreUnavailableError(
        "The SQLite database file, or its -wal or -shm, was deleted or replaced; restart to use another",
      );
  };
}

function fileAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** The files of a database in WAL mode, which are there as long as it is open. What was committed last is in the second only. */
export function filesOf(path: string): readonly string[] {
  return [path, `${path}-wal`, `${path}-shm`];
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
