import type { DatabaseSync } from "node:sqlite";
import type { Vault } from "../../vault.ts";
import type { Seals } from "../seals.ts";
import { asUnavailable } from "./commit-queue.ts";
import { createPlaceCheck, filesOf, openDatabase } from "./database.ts";
import { admitKeys, createFollowingSeals, createKeyRecords, type KeyRecords } from "./keys.ts";

/** A database of which is known what it is encrypted under, if it is. */
export interface Connection {
  readonly database: DatabaseSync;
  readonly records: KeyRecords;
  readonly seals: Seals;
  /** Throws when a file is not the one any more that was opened. */
  readonly checkPlace: () => void;
}

/** Throws a `StoreUnavailableError` when the file cannot be opened, and a `VaultError` when the vault lacks a key in use. */
export function connect(path: string, vault: Vault): Connection {
  const database = openDatabase(path);
  const records = createKeyRecords(database);
  const seals = createFollowingSeals(vault, records);
  try {
    admitKeys(database, seals, records);
  } catch (error) {
    database.close();
    throw asUnavailable(error);
  }
  return { database, records, seals, checkPlace: createPlaceCheck(filesOf(path)) };
}
