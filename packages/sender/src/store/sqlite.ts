import { randomBytes } from "node:crypto";
import { createIds, type Ids } from "../ids.ts";
import type { Store } from "../store.ts";
import { asUnavailable, createCommitQueue } from "./sqlite/commit-queue.ts";
import { createPlaceCheck, inspectDatabase, openDatabase } from "./sqlite/database.ts";
import { createDeadLetters } from "./sqlite/dead-letters.ts";
import { createLeases } from "./sqlite/leases.ts";
import { createLocalProcesses } from "./sqlite/local-processes.ts";
import { createOutbox } from "./sqlite/outbox.ts";
import { createRecords } from "./sqlite/records.ts";
import { createRegistry } from "./sqlite/registry.ts";
import { createRetention } from "./sqlite/retention.ts";
import { createSettling } from "./sqlite/settling.ts";
import { createSubmissions } from "./sqlite/submissions.ts";
import { createTaking } from "./sqlite/taking.ts";

export interface SqliteStoreOptions {
  /** The database file; it and its folder are made when missing. */
  readonly path: string;
  /** Makes the ids of deliveries. Default: from the clock and the system's random source. */
  readonly newId?: Ids;
}

/**
 * The embedded store: one SQLite file, a commit synced before it is answered, publishes of the same moment in one
 * commit. Meant for one process; several on the same machine are safe but share one writer.
 * Throws a `StoreUnavailableError` when the file cannot be opened.
 */
export function createSqliteStore({
  path,
  newId = createIds({ now: Date.now, randomBytes }),
}: SqliteStoreOptions): Store {
  const database = openDatabase(path);
  const checkPlace = createPlaceCheck(path);
  const write = createCommitQueue(database, checkPlace);
  const processes = createLocalProcesses();
  const leases = createLeases(database, write, processes.isGone);
  const parts = {
    ...createOutbox(database, write, newId),
    ...createSubmissions(database, write),
    ...createTaking(database, write),
    ...createSettling(database, write),
    ...createRegistry(database, write),
    ...createRecords(database, write),
    ...createDeadLetters(database),
    ...createRetention(database, write),
  };
  const guarded = guardReads(parts, checkPlace);
  return {
    ...guarded,
    lease: (request) => {
      processes.add(request.worker.id);
      return leases.lease(request);
    },
    release: leases.release,
    // Others on this machine look for themselves, every `pollMs`.
    announce: () => {},
    hear: () => () => {},
    selfCheck: async () => inspectDatabase(database),
    close: async () => {
      // Writes that have been accepted are committed first.
      await write(() => undefined).catch(() => {});
      database.close();
    },
  };
}

/** Reads run directly; their SQLite errors become the port's error as those of writes do. */
function guardReads<T extends object>(parts: T, checkPlace: () => void): T {
  const guard =
    (verb: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      try {
        checkPlace();
        return await verb(...args);
      } catch (error) {
        throw asUnavailable(error);
      }
    };
  // The same verbs under the same names.
  return Object.fromEntries(Object.entries(parts).map(([name, verb]) => [name, guard(verb)])) as T;
}
