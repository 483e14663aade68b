import type { Database } from "./sqlite-database.ts";

const payloadColumns =
  "payload.event_id, payload.event_type, payload.headers, payload.received_at, payload.body";

/** Every statement of the SQLite inbox, prepared once. */
export function prepareStatements(database: Database) {
  return {
    waiting: database.prepare("SELECT waiting FROM depth WHERE source = ?"),
    /** Changes a row only if the event id is new or forgotten. */
    remember: database.prepare(
      `INSERT INTO seen (source, digest, expires_at) VALUES (?, ?, ?)
       ON CONFLICT (source, digest) DO UPDATE SET expires_at = excluded.expires_at WHERE expires_at <= ?`,
    ),
    isRemembered: database.prepare(
      "SELECT 1 AS found FROM seen WHERE source = ? AND digest = ? AND expires_at > ?",
    ),
    forget: database.prepare(
      `DELETE FROM seen WHERE (source, digest) IN
       (SELECT source, digest FROM seen WHERE expires_at <= ? ORDER BY expires_at LIMIT 1000)`,
    ),
    enqueue: database.prepare("INSERT INTO entry (source, due_at) VALUES (?, ?)"),
    keep: database.prepare(
      "INSERT INTO payload (key, event_id, event_type, headers, received_at, body) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    due: database.prepare(
      `SELECT entry.key, entry.source, entry.attempt, entry.confirmed, ${payloadColumns}
       FROM entry JOIN payload ON payload.key = entry.key
       WHERE entry.source = ? AND entry.due_at <= ? ORDER BY entry.due_at, entry.key LIMIT ?`,
    ),
    lease: database.prepare("UPDATE entry SET due_at = ?, attempt = attempt + 1 WHERE key = ?"),
    renew: database.prepare("UPDATE entry SET due_at = ? WHERE key = ? AND source = ? AND attempt = ?"),
    retry: database.prepare(
      "UPDATE entry SET due_at = ?, confirmed = ? WHERE key = ? AND source = ? AND attempt = ?",
    ),
    remove: database.prepare("DELETE FROM entry WHERE key = ? AND source = ? AND attempt = ?"),
    discard: database.prepare("DELETE FROM payload WHERE key = ?"),
    bury: database.prepare(
      "INSERT INTO dead (source, payload, attempts, reason, buried_at, confirmed) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    dead: database.prepare("SELECT count(*) AS dead FROM dead WHERE source = ?"),
    deadLetters: database.prepare(
      `SELECT dead.key, dead.source, dead.attempts, dead.reason, dead.buried_at, dead.confirmed, ${payloadColumns}
       FROM dead JOIN payload ON payload.key = dead.payload
       WHERE dead.source = ? AND dead.key > ? ORDER BY dead.key LIMIT ?`,
    ),
    /** The payload keeps its key, which AUTOINCREMENT never gives to another entry. */
    revive: database.prepare(
      `INSERT INTO entry (key, source, due_at, confirmed)
       SELECT payload, source, ?, confirmed FROM dead WHERE key = ? AND source = ?`,
    ),
    exhume: database.prepare("DELETE FROM dead WHERE key = ? AND source = ?"),
  };
}

export type Statements = ReturnType<typeof prepareStatements>;
