import type { Database } from "./sqlite-database.ts";

const eventColumns =
  "event.event_id, event.event_type, event.subject, event.headers, event.received_at, event.body";

/** The due time of a delivery that is not the first of its subject. */
const BEHIND = Number.MAX_SAFE_INTEGER;

const isBehind = `EXISTS (SELECT 1 FROM delivery AS ahead WHERE ahead.source = event.source
  AND ahead.destination = $destination AND ahead.subject = event.subject)`;

const remembered = `SELECT 1 FROM seen_id
  WHERE period IN ($period - 1, $period, $period + 1) AND source = $source AND digest = $digest`;

function forgetWhere(condition: string): string {
  return `DELETE FROM seen_id WHERE (period, source, digest) IN
    (SELECT period, source, digest FROM seen_id WHERE ${condition} LIMIT 1000)`;
}

/** Every statement of the SQLite inbox, prepared once. */
export function prepareStatements(database: Database) {
  return {
    ...prepareAccepting(database),
    ...prepareDelivering(database),
    ...prepareBurying(database),
    ...prepareKeeping(database),
  };
}

export type Statements = ReturnType<typeof prepareStatements>;

function prepareAccepting(database: Database) {
  return {
    waiting: database.prepare("SELECT waiting FROM backlog WHERE source = ?"),
    /** Adds a row only if the id is in none of the three periods that the event's is in the middle of. */
    remember: database.prepare(
      `INSERT INTO seen_id (period, source, digest) SELECT $period, $source, $digest
       WHERE NOT EXISTS (${remembered})`,
    ),
    isRemembered: database.prepare(`SELECT EXISTS (${remembered}) AS found`),
    forgetEarlier: database.prepare(forgetWhere("period < $period - 1")),
    /** There are later ones after the dedupe time was made longer, or a clock was set back. */
    forgetLater: database.prepare(forgetWhere("period > $period + 1")),
    keep: database.prepare(
      `INSERT INTO event (source, event_id, event_type, subject, headers, received_at, body)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    /** Owes an event to a destination: from `$dueAt`, or behind what it is owed of the same subject already. */
    owe: database.prepare(
      `INSERT INTO delivery (event, destination, source, subject, due_at, shares)
       SELECT key, $destination, source, subject, CASE WHEN ${isBehind} THEN ${BEHIND} ELSE $dueAt END, $shares
       FROM event WHERE key = $event ON CONFLICT DO NOTHING`,
    ),
  };
}

function prepareDelivering(database: Database) {
  return {
    unaddressed: database.prepare(
      "SELECT event, due_at FROM delivery WHERE source = ? AND destination = '' ORDER BY due_at, event LIMIT 1000",
    ),
    unowe: database.prepare("DELETE FROM delivery WHERE event = ? AND destination = ''"),
    owed: database.prepare(
      "SELECT DISTINCT destination FROM delivery WHERE source = ? AND destination <> ''",
    ),
    hasDue: database.prepare(
      `SELECT 1 FROM delivery WHERE source = ? AND destination IN ('', ?) AND due_at <= ?
       AND (SELECT received_at FROM event WHERE event.key = delivery.event) <= ? LIMIT 1`,
    ),
    /** When the first delivery of the next source and destination is due. */
    nextLane: database.prepare(
      `SELECT source, destination, due_at FROM delivery WHERE (source, destination) > (?, ?)
       ORDER BY source, destination, due_at LIMIT 1`,
    ),
    due: database.prepare(
      `SELECT delivery.event AS key, delivery.source, delivery.destination, delivery.attempt, delivery.shares,
       ${eventColumns} FROM delivery JOIN event ON event.key = delivery.event
       WHERE delivery.source = ? AND delivery.destination = ? AND delivery.due_at <= ?
       AND event.received_at <= ?
       ORDER BY delivery.due_at, delivery.event LIMIT ?`,
    ),
    lease: database.prepare(
      "UPDATE delivery SET due_at = ?, attempt = attempt + 1 WHERE event = ? AND destination = ?",
    ),
    postpone: database.prepare(
      "UPDATE delivery SET due_at = ? WHERE event = ? AND destination = ? AND source = ? AND attempt = ?",
    ),
    remove: database.prepare(
      "DELETE FROM delivery WHERE event = ? AND destination = ? AND source = ? AND attempt = ?",
    ),
    /** Lets the next of a subject go. */
    advance: database.prepare(
      `UPDATE delivery SET due_at = (SELECT received_at FROM event WHERE event.key = delivery.event)
       WHERE destination = $destination AND event = (SELECT min(event) FROM delivery
         WHERE source = $source AND destination = $destination AND subject = $subject)`,
    ),
    discard: database.prepare(
      `DELETE FROM event WHERE key = $event AND NOT EXISTS (SELECT 1 FROM delivery WHERE event = $event)
       AND NOT EXISTS (SELECT 1 FROM dead_letter WHERE event = $event)
       AND NOT EXISTS (SELECT 1 FROM done WHERE event = $event)`,
    ),
  };
}

function prepareBurying(database: Database) {
  return {
    bury: database.prepare(
      `INSERT INTO dead_letter (source, destination, event, attempts, reason, buried_at)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (event, destination) DO UPDATE
       SET attempts = excluded.attempts, reason = excluded.reason, buried_at = excluded.buried_at`,
    ),
    dead: database.prepare("SELECT count(*) AS dead FROM dead_letter WHERE source = ?"),
    deadLetters: database.prepare(
      `SELECT dead_letter.key, dead_letter.source, dead_letter.destination, dead_letter.attempts,
       dead_letter.reason, dead_letter.buried_at, ${eventColumns}
       FROM dead_letter JOIN event ON event.key = dead_letter.event
       WHERE dead_letter.source = ? AND dead_letter.key > ? ORDER BY dead_letter.key LIMIT ?`,
    ),
    exhume: database.prepare(
      "DELETE FROM dead_letter WHERE key = ? AND source = ? RETURNING event, destination",
    ),
  };
}

function prepareKeeping(database: Database) {
  return {
    /** Only when all are through. */
    file: database.prepare(
      `INSERT INTO done (source, event)
       SELECT source, key FROM event WHERE key = $event AND NOT EXISTS (SELECT 1 FROM delivery WHERE event = $event)
       ON CONFLICT (event) DO NOTHING`,
    ),
    /** Gives the oldest one that there is no room for. */
    unfile: database.prepare(
      `DELETE FROM done WHERE key = (SELECT min(key) FROM done WHERE source = $source)
       AND (SELECT events FROM kept WHERE source = $source) > $room RETURNING event`,
    ),
    take: database.prepare("DELETE FROM done WHERE key = ? AND source = ? RETURNING event"),
    listDone: database.prepare(
      `SELECT done.key, done.source, ${eventColumns} FROM done JOIN event ON event.key = done.event
       WHERE done.source = ? AND done.key > ? ORDER BY done.key LIMIT ?`,
    ),
    listWaiting: database.prepare(
      `SELECT event.key, event.source, ${eventColumns} FROM event WHERE key IN
       (SELECT DISTINCT event FROM delivery WHERE source = ? AND event > ? ORDER BY event LIMIT ?) ORDER BY event.key`,
    ),
  };
}
