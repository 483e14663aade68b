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
export const schema = `
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
