import { DatabaseSync } from "node:sqlite";
import { InboxFileError } from "../inbox.ts";

/**
 * `delivery` is small and changes with every claim; `event` is written once. A row with a large body would be
 * rewritten whole each time its due time moved. The triggers keep `backlog` and
 * `kept` exact without counting.
 *
 * An id is remembered in its period, which is as long as ids are remembered, and known in the one after: no index of
 * times is needed to forget it.
 *
 * A delivery without a destination (`''`) is of an event that came without any.
 */
const schema = `
CREATE TABLE IF NOT EXISTS event (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  event_id TEXT NOT NULL,
  event_type TEXT,
  subject TEXT,
  headers TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS delivery (
  event INTEGER NOT NULL,
  destination TEXT NOT NULL,
  source TEXT NOT NULL,
  subject TEXT,
  due_at INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  shares INTEGER NOT NULL,
  PRIMARY KEY (event, destination)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (source, destination, due_at, event);
CREATE INDEX IF NOT EXISTS delivery_line ON delivery (source, destination, subject, event) WHERE subject IS NOT NULL;

CREATE TABLE IF NOT EXISTS dead_letter (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  destination TEXT NOT NULL,
  event INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  reason TEXT NOT NULL,
  buried_at INTEGER NOT NULL,
  UNIQUE (event, destination)
) STRICT;
CREATE INDEX IF NOT EXISTS dead_letter_source ON dead_letter (source, key);

CREATE TABLE IF NOT EXISTS done (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  event INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX IF NOT EXISTS done_source ON done (source, key);
CREATE TABLE IF NOT EXISTS kept (source TEXT PRIMARY KEY, events INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS done_added AFTER INSERT ON done BEGIN
  INSERT INTO kept (source, events) VALUES (NEW.source, 1) ON CONFLICT (source) DO UPDATE SET events = events + 1;
END;
CREATE TRIGGER IF NOT EXISTS done_removed AFTER DELETE ON done BEGIN
  UPDATE kept SET events = events - 1 WHERE source = OLD.source;
END;

CREATE TABLE IF NOT EXISTS seen_id (
  period INTEGER NOT NULL,
  source TEXT NOT NULL,
  digest BLOB NOT NULL,
  PRIMARY KEY (period, source, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS backlog (source TEXT PRIMARY KEY, waiting INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS first_delivery_added AFTER INSERT ON delivery
WHEN NOT EXISTS (SELECT 1 FROM delivery WHERE event = NEW.event AND destination <> NEW.destination) BEGIN
  INSERT INTO backlog (source, waiting) VALUES (NEW.source, 1)
  ON CONFLICT (source) DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER IF NOT EXISTS last_delivery_removed AFTER DELETE ON delivery
WHEN NOT EXISTS (SELECT 1 FROM delivery WHERE event = OLD.event) BEGIN
  UPDATE backlog SET waiting = waiting - 1 WHERE source = OLD.source;
END;
`;

/**
 * Makes the tables in a file that has none of them.
 *
 * @throws InboxFileError for a file that another version has made.
 */
export function prepareSchema(database: DatabaseSync): void {
  if (hasSchema(database)) return;
  // Another process may be about to make them as well.
  database.exec("BEGIN IMMEDIATE");
  try {
    if (!hasSchema(database)) database.exec(schema);
    database.exec("COMMIT");
  } catch (error) {
    // A full disk has ended it already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Whether everything is there, as it is made today; false when nothing is. Tables of others do not count. */
function hasSchema(database: DatabaseSync): boolean {
  const fresh = new DatabaseSync(":memory:");
  fresh.exec(schema);
  const wanted = readSchema(fresh);
  fresh.close();
  const found = readSchema(database);
  const present = [...wanted].filter(([name]) => found.has(name));
  if (present.length === 0) return false;
  if (present.length === wanted.size && present.every(([name, sql]) => found.get(name) === sql)) return true;
  throw new InboxFileError(
    "Expected an inbox file of this version, got one of another: let that version deliver what waits, then name a new file",
  );
}

/** What is in a file, by name, as it was declared. */
function readSchema(database: DatabaseSync): ReadonlyMap<string, string> {
  const rows = database.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").all();
  return new Map(rows.map(({ name, sql }) => [String(name), String(sql).replaceAll(/\s+/g, " ")]));
}
