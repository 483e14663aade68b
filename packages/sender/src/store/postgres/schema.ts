/**
 * The schema, one script a version; a released script is never edited. The tables are those of the SQLite store: pending
 * deliveries apart from history and keyed so that an endpoint's next ones are neighbours; everything that is only looked
 * at later is appended. A delivery's `rendition` is null where it sends the event's own bytes, empty where there is
 * nothing it could send, and else the key of what it sends.
 *
 * Ids sort by their bytes in every language's collation. Bodies are never compressed here: what pays is compressed
 * before it is kept. The hot tables are cleaned by the number of rows that left, not by their share of a size that
 * says nothing.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE hooks.subscribers (id text COLLATE "C" PRIMARY KEY, document text NOT NULL);

  CREATE TABLE hooks.endpoints (
    id text COLLATE "C" PRIMARY KEY,
    subscriber text COLLATE "C" NOT NULL REFERENCES hooks.subscribers (id),
    shard smallint NOT NULL,
    state text NOT NULL,
    disabled_reason text,
    revision integer NOT NULL,
    updated_ms bigint NOT NULL,
    document text NOT NULL
  );
  CREATE INDEX endpoints_by_subscriber ON hooks.endpoints (subscriber, id);

  CREATE TABLE hooks.subscriptions (
    pattern text COLLATE "C" NOT NULL,
    subscriber text COLLATE "C" NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    preferences text NOT NULL,
    PRIMARY KEY (pattern, subscriber, endpoint)
  );
  CREATE INDEX subscriptions_by_endpoint ON hooks.subscriptions (endpoint);

  CREATE TABLE hooks.event_types (type text COLLATE "C" PRIMARY KEY, major text NOT NULL);

  CREATE TABLE hooks.events (
    id text COLLATE "C" PRIMARY KEY,
    type text COLLATE "C" NOT NULL,
    version text NOT NULL,
    source text NOT NULL,
    subject text,
    sequence bigint,
    subscriber text,
    published_ms bigint NOT NULL,
    digest text NOT NULL,
    deliveries integer NOT NULL,
    first_delivery text COLLATE "C",
    last_delivery text COLLATE "C",
    body bytea NOT NULL
  );
  ALTER TABLE hooks.events ALTER COLUMN body SET STORAGE EXTERNAL;
  CREATE INDEX events_by_type ON hooks.events (type, id);

  CREATE TABLE hooks.renditions (
    event text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    version text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (event, key)
  );
  ALTER TABLE hooks.renditions ALTER COLUMN body SET STORAGE EXTERNAL;

  CREATE TABLE hooks.sequences (
    source text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (source, subject)
  ) WITH (fillfactor = 80);

  CREATE TABLE hooks.pending (
    shard smallint NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    due_ms bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    event_type text NOT NULL,
    subscriber text NOT NULL,
    attempts integer NOT NULL,
    attempts_before_schedule integer NOT NULL,
    interruptions integer NOT NULL,
    created_ms bigint NOT NULL,
    rendition text COLLATE "C",
    PRIMARY KEY (shard, endpoint, due_ms, id)
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
  CREATE UNIQUE INDEX pending_by_id ON hooks.pending (id);

  CREATE TABLE hooks.finished (
    id text COLLATE "C" PRIMARY KEY,
    event text COLLATE "C" NOT NULL,
    event_type text NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    subscriber text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    created_ms bigint NOT NULL,
    finished_ms bigint NOT NULL,
    reason text,
    rendition text COLLATE "C",
    last_started_ms bigint,
    last_duration_ms integer,
    last_outcome text,
    last_status smallint,
    last_response text
  );
  CREATE INDEX finished_by_endpoint ON hooks.finished (endpoint, id);
  CREATE INDEX finished_dead ON hooks.finished (id) WHERE state = 'dead';

  CREATE TABLE hooks.attempts (
    delivery text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    started_ms bigint NOT NULL,
    duration_ms integer NOT NULL,
    outcome text NOT NULL,
    status smallint,
    response text,
    PRIMARY KEY (delivery, number)
  );

  CREATE TABLE hooks.workers (
    id text COLLATE "C" PRIMARY KEY, host text NOT NULL, pid integer NOT NULL, expires_ms bigint NOT NULL
  );
  CREATE TABLE hooks.shards (shard smallint PRIMARY KEY, owner text COLLATE "C", epoch bigint NOT NULL);
  INSERT INTO hooks.shards (shard, owner, epoch) SELECT shard, NULL, 0 FROM generate_series(0, 63) AS shard;

  CREATE TABLE hooks.journal (
    batch bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    worker text COLLATE "C" NOT NULL,
    taken_ms bigint NOT NULL,
    deliveries text[] NOT NULL,
    attempts integer[] NOT NULL,
    shards smallint[] NOT NULL
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
  CREATE INDEX journal_by_worker ON hooks.journal (worker);

  CREATE TABLE hooks.idempotency (
    key text COLLATE "C" PRIMARY KEY, digest text NOT NULL, resource text NOT NULL, created_ms bigint NOT NULL
  );
  CREATE INDEX idempotency_by_age ON hooks.idempotency (created_ms);
  `,
  // Written by other programs, so it is forgiving: what is wrong in a row is found when it is published. Its ids sort by
  // time as those that are made elsewhere.
  `
  CREATE FUNCTION hooks.new_event_id() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT 'evt_'
      || (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', ((ms >> (45 - 5 * place)) & 31)::integer + 1, 1), ''
            ORDER BY place)
          FROM generate_series(0, 9) AS place, (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now (ms))
      || (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (get_byte(bytes, place) & 31) + 1, 1), ''
            ORDER BY place)
          FROM generate_series(0, 15) AS place, (SELECT uuid_send(gen_random_uuid())) AS random (bytes))
  $$;

  CREATE TABLE hooks.outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL DEFAULT hooks.new_event_id(),
    type text NOT NULL,
    data json NOT NULL,
    subject text,
    subscriber text,
    version text,
    source text,
    happened_at timestamptz NOT NULL DEFAULT now(),
    refused_code text,
    refused_message text
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
  CREATE INDEX outbox_waiting ON hooks.outbox (number) WHERE refused_code IS NULL;

  CREATE FUNCTION hooks.announce_outbox() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_notify(TG_TABLE_SCHEMA, '[]');
    RETURN NULL;
  END $$;
  CREATE TRIGGER announce AFTER INSERT ON hooks.outbox FOR EACH STATEMENT EXECUTE FUNCTION hooks.announce_outbox();
  `,
  // Of endpoints that failed lately; those that work have no row.
  `
  CREATE TABLE hooks.health (endpoint text COLLATE "C" PRIMARY KEY, shard smallint NOT NULL, document text NOT NULL);
  CREATE INDEX health_by_shard ON hooks.health (shard);
  `,
  // What is old is found by its age. When a row was refused was not written down before.
  `
  CREATE INDEX events_by_age ON hooks.events (published_ms, id);
  ALTER TABLE hooks.outbox ADD COLUMN refused_ms bigint;
  UPDATE hooks.outbox SET refused_ms = extract(epoch FROM now()) * 1000 WHERE refused_code IS NOT NULL;
  CREATE INDEX outbox_refused ON hooks.outbox (refused_ms) WHERE refused_code IS NOT NULL;
  `,
  // A delivery with an order key goes when no other of its endpoint and key is under way. Those behind it stand at the end
  // of their endpoint, due at 2^53 - 1, where no fetch comes by. Whoever adds one behind others, or takes one away, cannot
  // know what others are doing to the key at the same moment, and leaves a row in key_changes; see ordering.ts.
  `
  ALTER TABLE hooks.pending ADD COLUMN order_key text COLLATE "C", ADD COLUMN position bigint;
  CREATE UNIQUE INDEX pending_under_way ON hooks.pending (endpoint, order_key)
    WHERE order_key IS NOT NULL AND due_ms < 9007199254740991;
  CREATE INDEX pending_in_order ON hooks.pending (endpoint, order_key, position) WHERE order_key IS NOT NULL;
  ALTER TABLE hooks.finished ADD COLUMN order_key text COLLATE "C", ADD COLUMN position bigint;
  CREATE TABLE hooks.positions (endpoint text COLLATE "C" PRIMARY KEY, last bigint NOT NULL) WITH (fillfactor = 80);
  CREATE TABLE hooks.key_changes (
    number bigint GENERATED ALWAYS AS IDENTITY,
    shard smallint NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    order_key text COLLATE "C" NOT NULL,
    PRIMARY KEY (shard, number)
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
  UPDATE hooks.endpoints SET document = (document::jsonb || '{"ordering": "none"}')::text;
  `,
  // What was not delivered is rare, and looked for: these cost nothing while all goes well.
  `
  CREATE INDEX unsent_by_endpoint ON hooks.finished (endpoint, id) WHERE state <> 'delivered';
  CREATE INDEX dead_by_subscriber ON hooks.finished (subscriber, id) WHERE state = 'dead';
  CREATE INDEX dead_by_type ON hooks.finished (event_type, id) WHERE state = 'dead';
  `,
  // Who is about to end takes nothing over.
  `
  ALTER TABLE hooks.workers ADD COLUMN is_leaving boolean NOT NULL DEFAULT false;
  `,
  // What bodies, secrets and answers are encrypted under, if they are. `horizon` is where transactions that may not have
  // known of a retirement end.
  `
  CREATE TABLE hooks.master_keys (
    id text COLLATE "C" PRIMARY KEY, proof bytea NOT NULL, is_retired boolean NOT NULL, horizon xid8
  );
  CREATE FUNCTION hooks.require_master_key(wanted text) RETURNS void LANGUAGE plpgsql STABLE AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM hooks.master_keys WHERE id = wanted AND NOT is_retired) THEN
      RAISE EXCEPTION 'The master key % is retired', wanted USING ERRCODE = 'HK001';
    END IF;
  END $$;
  `,
  // A part is what a replay still has to do for one endpoint: to look at what stands after after_id, from wake_ms on.
  `
  CREATE TABLE hooks.replays (
    id text COLLATE "C" PRIMARY KEY,
    subscriber text COLLATE "C" NOT NULL,
    state text NOT NULL,
    filter text NOT NULL,
    per_second double precision,
    selected bigint NOT NULL,
    is_counted boolean NOT NULL,
    replayed bigint NOT NULL,
    skipped bigint NOT NULL,
    spent_until_ms double precision NOT NULL,
    created_ms bigint NOT NULL,
    finished_ms bigint
  );
  CREATE INDEX replays_by_subscriber ON hooks.replays (subscriber, id);
  CREATE INDEX replays_running ON hooks.replays (id) WHERE state = 'running';
  CREATE INDEX replays_by_age ON hooks.replays (finished_ms) WHERE finished_ms IS NOT NULL;

  CREATE TABLE hooks.replay_parts (
    replay text COLLATE "C" NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    after_id text COLLATE "C" NOT NULL,
    wake_ms bigint NOT NULL,
    PRIMARY KEY (replay, endpoint)
  );
  CREATE INDEX replay_parts_awake ON hooks.replay_parts (replay, wake_ms);
  `,
  // Publishers remember who is subscribed to what; the version says whether that is still so. It is no number, which could
  // come again after a restore.
  `
  CREATE TABLE hooks.audience (version uuid NOT NULL) WITH (fillfactor = 50);
  INSERT INTO hooks.audience (version) VALUES (gen_random_uuid());
  CREATE FUNCTION hooks.change_audience() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
      IF NOT EXISTS (SELECT FROM changed) THEN RETURN NULL; END IF;
    END IF;
    EXECUTE format('UPDATE %I.audience SET version = gen_random_uuid()', TG_TABLE_SCHEMA);
    RETURN NULL;
  END $$;
  CREATE TRIGGER subscribed AFTER INSERT ON hooks.subscriptions REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION hooks.change_audience();
  CREATE TRIGGER resubscribed AFTER UPDATE ON hooks.subscriptions REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION hooks.change_audience();
  CREATE TRIGGER unsubscribed AFTER DELETE ON hooks.subscriptions REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION hooks.change_audience();
  CREATE TRIGGER emptied AFTER TRUNCATE ON hooks.subscriptions
    FOR EACH STATEMENT EXECUTE FUNCTION hooks.change_audience();
  CREATE TRIGGER removed AFTER DELETE ON hooks.subscribers REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION hooks.change_audience();
  CREATE TRIGGER emptied AFTER TRUNCATE ON hooks.subscribers
    FOR EACH STATEMENT EXECUTE FUNCTION hooks.change_audience();
  CREATE FUNCTION hooks.refuse_audience() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'Subscriptions have changed' USING ERRCODE = 'HK002';
  END $$;
  `,
];
