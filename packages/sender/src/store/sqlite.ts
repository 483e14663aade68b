import { randomBytes } from "node:crypto";
import { createIds, type Ids } from "../ids.ts";
import { checkSqliteOptions } from "../input/options.ts";
import { createVault, optionsOf, type Vault } from "../vault.ts";
import {
  TransactionError,
  type LeaseRequest,
  type NewEvent,
  type Outbox,
  type Store,
  type Work,
} from "../store.ts";
import { renderFor } from "./rendering.ts";
import { createServing } from "./serving.ts";
import { asUnavailable, createCommitQueue } from "./sqlite/commit-queue.ts";
import { connect } from "./sqlite/connection.ts";
import { inspectDatabase } from "./sqlite/database.ts";
import { createDeadLetters } from "./sqlite/dead-letters.ts";
import { createDoubt } from "./sqlite/doubt.ts";
import { createForgetting } from "./sqlite/journal.ts";
import { followKeys } from "./sqlite/keys.ts";
import { createLeases } from "./sqlite/leases.ts";
import { createLocalProcesses } from "./sqlite/local-processes.ts";
import { createNeighbours } from "./sqlite/neighbours.ts";
import { createOutbox } from "./sqlite/outbox.ts";
import { createRecords } from "./sqlite/records.ts";
import { createRegistry } from "./sqlite/registry.ts";
import { createReplays } from "./sqlite/replays.ts";
import { createRetention } from "./sqlite/retention.ts";
import { createRewrap } from "./sqlite/rewrap.ts";
import { createSettling } from "./sqlite/settling.ts";
import { createStatistics } from "./sqlite/statistics.ts";
import { createSubmissions } from "./sqlite/submissions.ts";
import { createTaking } from "./sqlite/taking.ts";
import { createPlainPublishing } from "./sqlite/plain-publishing.ts";
import { createThreadedWork, hasThread, type ThreadedWork } from "./sqlite/threaded-work.ts";
import { createTurns } from "./sqlite/turns.ts";

export interface SqliteStoreOptions {
  /** The database file; it and its folder are made when missing. */
  readonly path: string;
  /**
   * Compresses and encrypts bodies, secrets and answers. Default: one without keys, which changes nothing and reads what is
   * not encrypted.
   */
  readonly vault?: Vault;
  /**
   * Makes the ids of deliveries. Default: from the clock and the system's random source. With one of the application's own,
   * events are published in the application's thread: a function cannot be sent to another.
   */
  readonly newId?: Ids;
}

/**
 * The embedded store: one SQLite file, a commit synced before it is answered, publishes of the same moment in one
 * commit. Meant for one process; several on the same machine are safe but share one writer.
 * Throws a `StoreUnavailableError` when the file cannot be opened, a `VaultError` when the vault lacks a key in use, and
 * a `SenderError` (`validation_failed`) when an option cannot be so.
 */
export function createSqliteStore(options: SqliteStoreOptions): Store {
  const { path, vault = createVault(), newId } = checkSqliteOptions(options);
  const { database, file, records, seals, checkPlace } = connect(path, vault);
  const turns = createTurns();
  const doubt = createDoubt();
  const write = createCommitQueue(database, { checkPlace, turns, doubt });
  const vaultOptions = optionsOf(vault);
  const settings =
    file === undefined || vaultOptions === undefined
      ? undefined
      : { file, vault: vaultOptions, doubt: doubt.shared };
  const thread = settings !== undefined && hasThread() ? createThreadedWork(settings, turns) : undefined;
  const processes = createLocalProcesses();
  const leases = createLeases(database, write, { seals, isProcessGone: processes.isGone });
  const publishing = createPublish(
    createOutbox(database, write, {
      newId: newId ?? createIds({ now: Date.now, randomBytes }),
      seals,
      renderFor,
    }),
    // Its ids are made by the thread.
    newId === undefined ? thread : undefined,
  );
  const parts = {
    ...createSubmissions(database, write),
    ...createTaking(database, write, seals),
    ...createSettling(database, write, seals),
    ...createForgetting(database, write),
    ...createRegistry(database, write, seals),
    ...createRecords(database, write, seals),
    ...createDeadLetters(database, seals),
    ...createReplays(database, write, seals),
    ...createStatistics(database),
    ...createRetention(database, write),
    ...createRewrap(database, write, { seals, records }),
    lease: async (request: LeaseRequest) => {
      // Whoever cannot read what others write now serves nobody.
      followKeys(seals, records);
      processes.add(request.worker.id);
      return leases.lease(request);
    },
    release: leases.release,
  };
  const guarded = guardReads(parts, checkPlace);
  return {
    ...guarded,
    ...publishing,
    // It looks after the file itself.
    ...(thread === undefined ? {} : { take: thread.take, settle: thread.settle }),
    ...createNeighbours(database, path),
    selfCheck: async () => inspectDatabase(database),
    close: async () => {
      // Writes that have been accepted are committed first.
      await write(() => undefined).catch(() => {});
      await thread?.close();
      database.close();
    },
  };
}

type Here = ReturnType<typeof createOutbox<NewEvent>>;

/** What goes by way of the thread may be taken with its commit. */
function createPublish(
  here: Here,
  thread: ThreadedWork | undefined,
): Pick<Outbox, "publish"> & Pick<Work, "serve"> {
  const { serve, takerNow } = createServing();
  const publishHere = async (events: readonly NewEvent[], nowMs: number) =>
    (await here.publish(events, nowMs)).results;
  const publish =
    thread === undefined ? publishHere : createPlainPublishing(thread.publish, publishHere, takerNow);
  return {
    async publish(events, nowMs, transaction) {
      if (transaction === undefined) return publish(events, nowMs);
      const message = "SQLite cannot join a transaction of another connection; PostgreSQL can";
      throw new TransactionError("transaction_not_supported", message);
    },
    serve,
  };
}

/** Reads run directly; their SQLite errors become the port's error as those of writes do. */
function guardReads<T extends object>(parts: T, check: () => void): T {
  const guard =
    (verb: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      try {
        check();
        return await verb(...args);
      } catch (error) {
        throw asUnavailable(error);
      }
    };
  // The same verbs under the same names.
  return Object.fromEntries(Object.entries(parts).map(([name, verb]) => [name, guard(verb)])) as T;
}
