import type { DatabaseSync } from "node:sqlite";

/**
 * The schema, one script a version; a released script is never edited. Pending deliveries are apart from history, keyed
 * so that an endpoint's next ones are neighbours; everything that is only looked at later is appended. A delivery's
 * `rendition` is null where it sends the event's own bytes, empty where there is nothing it could send, and else the key
 * of what it sends.
 *
 * Two things spare the hot path an index each: the deliveries of an event have ids that follow one another, so an event
 * knows the first and the last; and the last attempt of a finished delivery stands in its row, so a delivery that
 * arrives at once is written in one place.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE subscribers (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE endpoints (
    id TEXT PRIMARY KEY,
    subscriber TEXT NOT NULL REFERENCES subscribers (id),
    shard INTEGER NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX endpoints_by_subscriber ON endpoints (subscriber, id);

  CREATE TABLE subscriptions (
    pattern TEXT NOT NULL, subscriber TEXT NOT NULL, endpoint TEXT NOT NULL,
    PRIMARY KEY (pattern, subscriber, endpoint)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX subscriptions_by_endpoint ON subscriptions (endpoint);

  CREATE TABLE events (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    version TEXT NOT NULL,
    source TEXT NOT NULL,
    subject TEXT,
    sequence INTEGER,
    subscriber TEXT,
    published_ms INTEGER NOT NULL,
    digest TEXT NOT NULL,
    first_delivery TEXT,
    last_delivery TEXT,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX events_by_type ON events (type, id);

  CREATE TABLE sequences (
    source TEXT NOT NULL, subject TEXT NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (source, subject)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE pending (
    shard INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    due_ms INTEGER NOT NULL,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    event_type TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    attempts_before_schedule INTEGER NOT NULL,
    interruptions INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (shard, endpoint, due_ms, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX pending_by_id ON pending (id);

  CREATE TABLE finished (
    id TEXT PRIMARY KEY,
    event TEXT NOT NULL,
    event_type TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    finished_ms INTEGER NOT NULL,
    reason TEXT,
    last_started_ms INTEGER,
    last_duration_ms INTEGER,
    last_outcome TEXT,
    last_status INTEGER,
    last_response TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX finished_by_endpoint ON finished (endpoint, id);
  CREATE INDEX finished_dead ON finished (id) WHERE state = 'dead';

  CREATE TABLE attempts (
    delivery TEXT NOT NULL,
    number INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    response TEXT,
    PRIMARY KEY (delivery, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE workers (
    id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, expires_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE shards (shard INTEGER PRIMARY KEY, owner TEXT, epoch INTEGER NOT NULL) STRICT;

  CREATE TABLE journal (
    batch INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL, taken_ms INTEGER NOT NULL, entries TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_by_worker ON journal (worker);

  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY, digest TEXT NOT NULL, resource TEXT NOT NULL, created_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_by_age ON idempotency (created_ms);
  `,
  // Endpoints of before have no pins, so they stay at the majors that are introduced next: what they get already.
  `
  CREATE TABLE event_types (type TEXT PRIMARY KEY, major TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE renditions (
    event TEXT NOT NULL,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX renditions_by_event ON renditions (event, key);

  ALTER TABLE subscriptions ADD COLUMN preferences TEXT NOT NULL DEFAULT '';
  ALTER TABLE pending ADD COLUMN rendition TEXT;
  ALTER TABLE finished ADD COLUMN rendition TEXT;
  UPDATE endpoints SET document = json_set(document, '$.versions', json('{}'), '$.featureFlags', json('[]'));
  `,
  // Written by other programs, so it is forgiving: what is wrong in a row is found when it is published.
  `
  CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL DEFAULT ('evt_' || hex(randomblob(13))),
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    subject TEXT,
    subscriber TEXT,
    version TEXT,
    source TEXT,
    happened_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    refused_code TEXT,
    refused_message TEXT
  );
  CREATE INDEX outbox_waiting ON outbox (number) WHERE refused_code IS NULL;
  `,
  // Of endpoints that failed lately; those that work have no row.
  `
  CREATE TABLE health (endpoint TEXT PRIMARY KEY, shard INTEGER NOT NULL, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX health_by_shard ON health (shard);
  `,
  // What is old is found by its age. When a row was refused was not written down before.
  `
  CREATE INDEX events_by_age ON events (published_ms, id);
  ALTER TABLE outbox ADD COLUMN refused_ms INTEGER;
  UPDATE outbox SET refused_ms = unixepoch() * 1000 WHERE refused_code IS NOT NULL;
  CREATE INDEX outbox_refused ON outbox (refused_ms) WHERE refused_code IS NOT NULL;
  `,
  // A delivery with an order key goes when no other of its endpoint and key is under way. Those behind it stand at the end
  // of their endpoint, due at 2^53 - 1, where no fetch comes by.
  `
  ALTER TABLE pending ADD COLUMN order_key TEXT;
  ALTER TABLE pending ADD COLUMN position INTEGER;
  CREATE UNIQUE INDEX pending_under_way ON pending (endpoint, order_key)
    WHERE order_key IS NOT NULL AND due_ms < 9007199254740991;
  CREATE INDEX pending_in_order ON pending (endpoint, order_key, position) WHERE order_key IS NOT NULL;
  ALTER TABLE finished ADD COLUMN order_key TEXT;
  ALTER TABLE finished ADD COLUMN position INTEGER;
  CREATE TABLE positions (endpoint TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  UPDATE endpoints SET document = json_set(document, '$.ordering', 'none');
  `,
  // What was not delivered is rare, and looked for: these cost nothing while all goes well.
  `
  CREATE INDEX unsent_by_endpoint ON finished (endpoint, id) WHERE state <> 'delivered';
  CREATE INDEX dead_by_subscriber ON finished (subscriber, id) WHERE state = 'dead';
  CREATE INDEX dead_by_type ON finished (event_type, id) WHERE state = 'dead';
  `,
  // Who is about to end takes nothing over.
  `
  ALTER TABLE workers ADD COLUMN is_leaving INTEGER NOT NULL DEFAULT 0;
  `,
  // What bodies, secrets and answers are encrypted under, if they are.
  `
  CREATE TABLE master_keys (id TEXT PRIMARY KEY, proof BLOB NOT NULL, is_retired INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // A part is what a replay still has to do for one endpoint: to look at what stands after `after_id`, from `wake_ms` on.
  `
  CREATE TABLE replays (
    id TEXT PRIMARY KEY,
    subscriber TEXT NOT NULL,
    state TEXT NOT NULL,
    filter TEXT NOT NULL,
    per_second REAL,
    selected INTEGER NOT NULL,
    is_counted INTEGER NOT NULL,
    replayed INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    spent_until_ms REAL NOT NULL,
    created_ms INTEGER NOT NULL,
    finished_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX replays_by_subscriber ON replays (subscriber, id);
  CREATE INDEX replays_running ON replays (id) WHERE state = 'running';
  CREATE INDEX replays_by_age ON replays (finished_ms) WHERE finished_ms IS NOT NULL;

  CREATE TABLE replay_parts (
    replay TEXT NOT NULL, endpoint TEXT NOT NULL, after_id TEXT NOT NULL, wake_ms INTEGER NOT NULL,
    PRIMARY KEY (replay, endpoint)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX replay_parts_awake ON replay_parts (replay, wake_ms);
  `,
  // Spans instead of an index of all that is finished: see `spans.ts`.
  `
  CREATE TABLE finished_spans (
    endpoint TEXT NOT NULL, span TEXT NOT NULL, PRIMARY KEY (endpoint, span)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX finished_spans_by_age ON finished_spans (span);
  INSERT INTO finished_spans SELECT DISTINCT endpoint, substr(id, 1, 13) FROM finished;
  DROP INDEX finished_by_endpoint;
  `,
  // Whoever opened a database added those that were missing, which had to wait for others that wrote.
  `
  WITH RECURSIVE numbers (shard) AS (SELECT 0 UNION ALL SELECT shard + 1 FROM numbers WHERE shard < 63)
  INSERT OR IGNORE INTO shards (shard, owner, epoch) SELECT shard, NULL, 0 FROM numbers;
  `,
  // Leases are written by a clock that begins with the machine.
  `
  ALTER TABLE workers ADD COLUMN boot TEXT NOT NULL DEFAULT '';
  `,
];

/** Brings a database to the newest schema; each script and its version number commit together. */
export function migrate(database: DatabaseSync): void {
  for (let version = versionOf(database); version < MIGRATIONS.length; version = versionOf(database)) {
    database.exec("BEGIN IMMEDIATE");
    try {
      // Another process may have migrated while this one waited for the lock.
      const current = versionOf(database);
      if (current < MIGRATIONS.length)
        database.exec(`${MIGRATIONS[current]}; PRAGMA user_version = ${current + 1}`);
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  }
  if (versionOf(database) > MIGRATIONS.length) {
    throw new Error(
      `The database was written by a newer release (schema ${versionOf(database)}, known ${MIGRATIONS.length})`,
    );
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}
