import { randomBytes } from "node:crypto";
import { createIds, type Ids } from "../ids.ts";
import { checkPostgresOptions } from "../input/options.ts";
import { createVault, type Vault } from "../vault.ts";
import { StoreUnavailableError, type Store } from "../store.ts";
import { createAnnouncements } from "./postgres/announcements.ts";
import { openDatabase, type Database, type DatabaseOptions } from "./postgres/database.ts";
import { createDeadLetters } from "./postgres/dead-letters.ts";
import { inspectServer } from "./postgres/inspection.ts";
import { createJournal } from "./postgres/journal.ts";
import { createKeyGuard, type KeyGuard } from "./postgres/keys.ts";
import { createLeases } from "./postgres/leases.ts";
import { migrate } from "./postgres/migrations.ts";
import { createOutbox } from "./postgres/outbox.ts";
import { createRecords } from "./postgres/records.ts";
import { createRegistry } from "./postgres/registry.ts";
import { createReplays } from "./postgres/replays.ts";
import { createRetention } from "./postgres/retention.ts";
import { createRewrap } from "./postgres/rewrap.ts";
import { createSettling } from "./postgres/settling.ts";
import { createStatistics } from "./postgres/statistics.ts";
import { createSubmissions } from "./postgres/submissions.ts";
import { createTaking } from "./postgres/taking.ts";

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, with `?sslmode=verify-full` for a server elsewhere. */
  readonly url: string;
  /** Where the tables are, away from those of others; made when missing. Default `hooks`. */
  readonly schema?: string;
  /** Connections at the most, two at the least. Default 10: up to four publish, one takes, one settles, the others read. */
  readonly maxConnections?: number;
  /**
   * How long a verb may wait for the server before it is refused. Default 1,500 ms: a publisher is answered within two
   * seconds whatever the server does.
   */
  readonly timeoutMs?: number;
  /**
   * Compresses and encrypts bodies, secrets and answers. Default: one without keys, which changes nothing and reads what is
   * not encrypted.
   */
  readonly vault?: Vault;
  /** Makes the ids of deliveries. Default: from the clock and the system's random source. */
  readonly newId?: Ids;
}

/**
 * The store for several processes: PostgreSQL 15 or later, through `pg`. Nothing is connected before the first verb, which
 * also brings the schema up to date. While the server is away, verbs reject with a `StoreUnavailableError`, and work goes
 * on by itself when it is back. They reject with a `VaultError` when the vault lacks a key in use.
 * Throws a `SenderError` (`validation_failed`) when an option cannot be so.
 */
export function createPostgresStore(options: PostgresStoreOptions): Store {
  const {
    url,
    schema = "hooks",
    maxConnections = 10,
    timeoutMs = 1_500,
    vault = createVault(),
    newId = createIds({ now: Date.now, randomBytes }),
  } = checkPostgresOptions(options);
  const { database, hasty } = openDatabases({ url, schema, maxConnections, timeoutMs });
  const keys = createKeyGuard(vault, database);
  const ready = createReady(() => prepareAlone({ url, schema, keys, connectTimeoutMs: timeoutMs }));
  const { seals } = keys;
  const { publish, serve } = createOutbox(database, { hasty, newId, schema, keys });
  const parts = {
    publish,
    ...createSubmissions(database),
    ...createTaking(database, seals),
    ...createSettling(database, keys),
    ...createJournal(database),
    ...createLeases({ ...database, schema, keys }),
    ...createRegistry(database, keys),
    ...createRecords(database, keys),
    ...createDeadLetters(database, seals),
    ...createReplays(database, keys),
    ...createStatistics(database),
    ...createRetention(database),
    ...createRewrap(database, keys),
  };
  const { query } = database;
  const announcements = createAnnouncements({ url, schema, timeoutMs, query });
  let isClosed = false;
  const open = async (withinMs?: number) => {
    if (isClosed) throw new StoreUnavailableError("The PostgreSQL store is closed");
    await ready(withinMs);
  };
  const guard =
    (verb: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      await open(timeoutMs);
      return verb(...args);
    };
  const guarded = Object.fromEntries(
    Object.entries(parts).map(([name, verb]) => [name, guard(verb as never)]),
  );
  return {
    // The same verbs under the same names.
    ...(guarded as unknown as typeof parts),
    serve,
    announce: announcements.announce,
    hear: announcements.hear,
    selfCheck: async () => {
      await open();
      return inspectServer(database);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      announcements.close();
      await Promise.all([database.close(), hasty.close()]);
    },
  };
}

/** Of the connections: as many as there are transactions of publishers under way at once. */
const PUBLISHERS = 4;
/** Longer than most transactions take, and short beside what a publisher waits at the most. */
const LOCK_TIMEOUT_MS = 100;

/** Connections for all, and such for publishers on which nothing waits for another transaction for long. */
function openDatabases({ maxConnections, ...options }: DatabaseOptions) {
  const publishers = Math.max(1, Math.min(PUBLISHERS, Math.floor(maxConnections / 2)));
  const others = Math.max(1, maxConnections - publishers);
  const lockTimeoutMs = Math.ceil(Math.min(LOCK_TIMEOUT_MS, options.timeoutMs / 2));
  return {
    database: openDatabase({ ...options, maxConnections: others }),
    hasty: openDatabase({ ...options, maxConnections: publishers, lockTimeoutMs }),
  };
}

interface Preparation extends Pick<PostgresStoreOptions, "url"> {
  readonly schema: string;
  readonly keys: KeyGuard;
  readonly connectTimeoutMs: number;
}

/** Migrating may take long, so it has a connection of its own, on which statements may. */
async function prepareAlone({ url, schema, keys, connectTimeoutMs }: Preparation): Promise<void> {
  const timeoutMs = MIGRATION_MS;
  const database: Database = openDatabase({ url, schema, maxConnections: 1, timeoutMs, connectTimeoutMs });
  try {
    await migrate(database, schema);
    await keys.admit(database.query);
  } finally {
    await database.close();
  }
}

const MIGRATION_MS = 10 * 60 * 1_000;

/** Waits for `prepare`, which runs once, and again after it failed; no longer than `timeoutMs`, where that is given. */
function createReady(prepare: () => Promise<void>): (timeoutMs?: number) => Promise<void> {
  let isReady = false;
  let running: Promise<void> | undefined;
  return async (timeoutMs) => {
    if (isReady) return;
    running ??= prepare().then(
      () => void (isReady = true),
      (error: unknown) => {
        running = undefined;
        throw error;
      },
    );
    if (timeoutMs === undefined) return running;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = "The PostgreSQL database is still being prepared";
      timer = setTimeout(() => reject(new StoreUnavailableError(message)), timeoutMs);
    });
    try {
      await Promise.race([running, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
