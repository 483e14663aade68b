import { join } from "node:path";
import type { Contracts, SenderOptions } from "@hooks/sender";
import { createPostgresStore } from "@hooks/sender/postgres";
import { createSqliteStore } from "@hooks/sender/sqlite";

/** Where a sender keeps its events: a folder for SQLite, or PostgreSQL's address. */
export type StoreSettings = { readonly folder: string } | { readonly url: string };

export function openStore(store: StoreSettings): SenderOptions["store"] {
  return "url" in store
    ? // A busy machine is slow, which is no reason to end a bench.
      createPostgresStore({ ...store, timeoutMs: 60_000 })
    : createSqliteStore({ path: join(store.folder, "sender.db") });
}

/** For benches in which publishing is not measured, so that there is nothing to validate. */
export const anyContract: Contracts = {
  source: "bench",
  eventTypes: {},
  validateEvent: () => ({ ok: true, version: "1.0.0" }),
  migrate: () => ({ ok: false }),
};
