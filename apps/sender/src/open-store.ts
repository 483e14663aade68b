import { createVault, type Store } from "@hooks/sender";
import { createPostgresStore } from "@hooks/sender/postgres";
import { createSqliteStore } from "@hooks/sender/sqlite";
import type { Config } from "./config.ts";
import { isPostgres } from "./config/settings.ts";

/** Below, what is saved is less than what it costs to read it again for every endpoint. */
const COMPRESS_FROM_BYTES = 4_000;

/** The store that is configured, encrypted under the master keys that are. Throws when it cannot be opened. */
export function openStore({
  databaseUrl,
  masterKeys = "",
}: Pick<Config, "databaseUrl" | "masterKeys">): Store {
  const vault = createVault({ masterKeys, compressFromBytes: COMPRESS_FROM_BYTES });
  return isPostgres(databaseUrl)
    ? createPostgresStore({ url: databaseUrl, vault })
    : createSqliteStore({ path: databaseUrl.replace(/^sqlite:(\/\/(?=\/))?/, ""), vault });
}
