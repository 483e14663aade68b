/**
 * `entry` is small and changes with every claim; `payload` is written once. A row with a large body would be
 * rewritten whole each time its due time moved. The triggers keep `depth` exact without counting.
 */
export const schema = `
CREATE TABLE IF NOT EXISTS entry (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  confirmed TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX IF NOT EXISTS entry_due ON entry (source, due_at, key);

CREATE TABLE IF NOT EXISTS dead (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  payload INTEGER NOT NULL UNIQUE,
  attempts INTEGER NOT NULL,
  reason TEXT NOT NULL,
  buried_at INTEGER NOT NULL,
  confirmed TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS dead_source ON dead (source, key);

CREATE TABLE IF NOT EXISTS payload (
  key INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL,
  event_type TEXT,
  headers TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS seen (
  source TEXT NOT NULL,
  digest TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (source, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_expiry ON seen (expires_at);

CREATE TABLE IF NOT EXISTS depth (source TEXT PRIMARY KEY, waiting INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS entry_added AFTER INSERT ON entry BEGIN
  INSERT INTO depth (source, waiting) VALUES (NEW.source, 1)
  ON CONFLICT (source) DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER IF NOT EXISTS entry_removed AFTER DELETE ON entry BEGIN
  UPDATE depth SET waiting = waiting - 1 WHERE source = OLD.source;
END;
`;
