import type { KeyRecord } from "../key-choice.ts";
import { createSeals, type Seals } from "../seals.ts";
import { StoreUnavailableError } from "../../store.ts";
import type { Vault } from "../../vault.ts";
import { VaultError } from "../../vault/error.ts";
import type { Database, Session, Statement, Step } from "./database.ts";
import { sqlStateOf } from "./unavailable.ts";

const STATEMENTS = {
  all: { name: "master_keys", text: "SELECT id, proof, is_retired FROM hooks.master_keys" },
  /** The proof is that of whoever was first. */
  keep: {
    name: "keep_master_key",
    text: `
      INSERT INTO hooks.master_keys (id, proof, is_retired) VALUES ($1, $2, false)
      ON CONFLICT (id) DO UPDATE SET is_retired = false, horizon = NULL`,
  },
  require: { name: "require_master_key", text: "SELECT hooks.require_master_key($1)" },
  retireOthers: {
    name: "retire_master_keys",
    text: "UPDATE hooks.master_keys SET is_retired = true, horizon = NULL WHERE id <> $1 AND NOT is_retired",
  },
  /** Whoever had not seen by now that they are retired has a number below this one. */
  mark: {
    name: "mark_retirement",
    text: `
      UPDATE hooks.master_keys SET horizon = pg_snapshot_xmax(pg_current_snapshot())
      WHERE is_retired AND horizon IS NULL`,
  },
  isOver: {
    name: "is_retirement_over",
    text: `
      SELECT coalesce(bool_and(horizon <= pg_snapshot_xmin(pg_current_snapshot())), true) AS is_over
      FROM hooks.master_keys WHERE is_retired`,
  },
  forget: { name: "forget_master_keys", text: "DELETE FROM hooks.master_keys WHERE is_retired RETURNING id" },
} as const satisfies Record<string, Statement>;

/** What `require_master_key` raises. */
const RETIRED = "HK001";

/** The vault's keys and those in use. */
export interface KeyGuard {
  readonly seals: Seals;
  /** Compares both, and remembers the one to seal under. Throws a `VaultError`. */
  admit(query: Session["query"]): Promise<void>;
  /** Goes by the keys in use now. Rejects with a `StoreUnavailableError` when the vault lacks one of them. */
  follow(): Promise<void>;
  /**
   * Ends a transaction that has sealed something, before it commits. Last, so that who sees the key in use has a number of
   * before its retirement.
   */
  requireSteps(): readonly Step[];
  /** Does the work again under another key where a transaction found that its own is retired. */
  sealing<T>(work: () => Promise<T>): Promise<T>;
  /** Lets nobody seal under another key than the first. False while transactions of before may still do so. */
  retireOthers(): Promise<boolean>;
  /** Gives the keys that are forgotten now, and others that are in use all the same. */
  forgetRetired(): Promise<{ readonly forgotten: readonly string[]; readonly inUse: readonly string[] }>;
}

export function createKeyGuard(vault: Vault, database: Pick<Database, "query">): KeyGuard {
  const seals = createSeals(vault);
  const admit = async (query: Session["query"]): Promise<void> => {
    // Of two that remember a key at once, one finds out that it was second.
    for (let record = seals.admit(await readAll(query)); record !== undefined;) {
      await query(STATEMENTS.keep, [record.id, Buffer.from(record.proof)]);
      record = seals.admit(await readAll(query));
    }
  };
  const follow = async (): Promise<void> => {
    const inUse = await readAll(database.query);
    try {
      seals.follow(inUse);
    } catch (cause) {
      if (!(cause instanceof VaultError)) throw cause;
      throw new StoreUnavailableError(`${cause.message}; restart with all keys in use`, { cause });
    }
  };
  return {
    seals,
    admit,
    follow,
    requireSteps: () =>
      seals.keyId === undefined ? [] : [{ statement: STATEMENTS.require, values: [seals.keyId] }],
    async sealing(work) {
      try {
        return await work();
      } catch (error) {
        if (sqlStateOf(error) !== RETIRED) throw error;
        await follow();
        return work();
      }
    },
    async retireOthers() {
      await admit(database.query);
      if (seals.keyId === undefined)
        throw new VaultError(
          "invalid_master_key",
          "Expected a vault with a key to encrypt under; it has none",
        );
      await database.query(STATEMENTS.retireOthers, [seals.keyId]);
      await database.query(STATEMENTS.mark, []);
      const [row] = await database.query(STATEMENTS.isOver, []);
      return row?.["is_over"] === true;
    },
    async forgetRetired() {
      const forgotten = (await database.query(STATEMENTS.forget, [])).map((row) => String(row["id"]));
      const inUse = (await readAll(database.query)).map(({ id }) => id).filter((id) => id !== seals.keyId);
      return { forgotten, inUse };
    },
  };
}

async function readAll(query: Session["query"]): Promise<readonly KeyRecord[]> {
  return (await query(STATEMENTS.all, [])).map((row) => ({
    id: String(row["id"]),
    // The driver reads bytea as bytes.
    proof: row["proof"] as Uint8Array,
    isRetired: row["is_retired"] === true,
  }));
}
