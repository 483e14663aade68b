// Run as a process of its own: seals anew what a store keeps, and is killed while it does.
import { createPostgresStore } from "../store/postgres.ts";
import { createSqliteStore } from "../store/sqlite.ts";
import { createVault } from "../vault.ts";

/** What it is told. */
export interface RewrapSetup {
  /** The URL of a PostgreSQL, or the path of a SQLite file. */
  readonly store: string;
  readonly masterKeys: string;
  /** After how many steps it is killed: while the next is under way, before it is answered where that is even. */
  readonly steps: number;
}

const { store: place, masterKeys, steps } = JSON.parse(process.argv[2] ?? "{}") as RewrapSetup;
const vault = createVault({ masterKeys });
const store = place.startsWith("postgres:")
  ? createPostgresStore({ url: place, vault, timeoutMs: 60_000 })
  : createSqliteStore({ path: place, vault });

let after: string | undefined;
for (let step = 0; step < steps; step += 1) ({ after } = await store.rewrap({ limit: 5, after }));
void store.rewrap({ limit: 5, after }).then(() => process.kill(process.pid, "SIGKILL"));
if (steps % 2 === 0) setImmediate(() => process.kill(process.pid, "SIGKILL"));
