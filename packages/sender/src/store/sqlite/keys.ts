import type { DatabaseSync } from "node:sqlite";
import type { Vault } from "../../vault.ts";
import { VaultError } from "../../vault/error.ts";
import { StoreUnavailableError } from "../../store.ts";
import type { KeyRecord } from "../key-choice.ts";
import { createSeals, type Seals } from "../seals.ts";

/** The keys that are in use, as every process on the database knows them. */
export function createKeyRecords(database: DatabaseSync) {
  const statements = {
    all: database.prepare("SELECT id, proof, is_retired FROM master_keys"),
    keep: database.prepare(
      `INSERT INTO master_keys (id, proof, is_retired) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET is_retired = excluded.is_retired`,
    ),
    isUsable: database.prepare("SELECT 1 FROM master_keys WHERE id = ? AND is_retired = 0"),
    retireOthers: database.prepare("UPDATE master_keys SET is_retired = 1 WHERE id <> ?"),
    forget: database.prepare("DELETE FROM master_keys WHERE is_retired = 1 RETURNING id"),
  };
  return {
    all: (): readonly KeyRecord[] =>
      statements.all.all().map((row) => ({
        id: String(row["id"]),
        proof: row["proof"] as Uint8Array,
        isRetired: row["is_retired"] === 1,
      })),
    keep: ({ id, proof, isRetired }: KeyRecord) => void statements.keep.run(id, proof, Number(isRetired)),
    isUsable: (id: string) => statements.isUsable.get(id) !== undefined,
    retireOthers: (id: string) => void statements.retireOthers.run(id),
    forgetRetired: () => statements.forget.all().map((row) => String(row["id"])),
  };
}

export type KeyRecords = ReturnType<typeof createKeyRecords>;

/** Compares the vault with the keys in use, and remembers the one that it seals under. */
export function admitKeys(database: DatabaseSync, seals: Seals, records: KeyRecords): void {
  // Most have nothing to remember, and need not wait for whoever writes.
  if (seals.admit(records.all()) !== undefined) {
    // Nobody is kept waiting in this process yet.
    database.exec("PRAGMA busy_timeout = 2000; BEGIN IMMEDIATE");
    try {
      const record = seals.admit(records.all());
      if (record !== undefined) records.keep(record);
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    } finally {
      database.exec("PRAGMA busy_timeout = 0");
    }
  }
  // What was written before it was encrypted leaves nothing behind where it is removed or replaced.
  if (seals.keyId !== undefined) database.exec("PRAGMA secure_delete = ON");
}

/** Goes by the keys in use now. Throws when the vault lacks one of them. */
export function followKeys(seals: Seals, records: KeyRecords): void {
  try {
    seals.follow(records.all());
  } catch (cause) {
    if (!(cause instanceof VaultError)) throw cause;
    throw new StoreUnavailableError(`${cause.message}; restart with all keys in use`, { cause });
  }
}

/** Seals of a store whose transactions all see at once that a key was retired by another process. */
export function createFollowingSeals(vault: Vault, records: KeyRecords): Seals {
  let isChecked = false;
  const seals: Seals = createSeals(vault, () => {
    // A transaction begins and ends in one turn, so what it has found stays true until then.
    if (isChecked) return;
    if (!records.isUsable(seals.keyId ?? "")) followKeys(seals, records);
    isChecked = true;
    queueMicrotask(() => (isChecked = false));
  });
  return seals;
}
