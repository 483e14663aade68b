import type { DatabaseSync } from "node:sqlite";
import type { Vault } from "../../vault.ts";
import type { Seals } from "../seals.ts";
import { asUnavailable, closed } from "./commit-queue.ts";
import { createPlaceCheck, filesOf, openDatabase } from "./database.ts";
import { admitKeys, createFollowingSeals, createKeyRecords, type KeyRecords } from "./keys.ts";

/** A database of which is known what it is encrypted under, if it is. */
export interface Connection {
  readonly database: DatabaseSync;
  /** The file itself, whatever link or relative path led to it; undefined for a database in memory. */
  readonly file: string | undefined;
  readonly records: KeyRecords;
  readonly seals: Seals;
  /** Throws when it is closed, or a file is not the one any more that was opened. */
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
  // SQLite puts the other files beside the one that a link leads to.
  const file = database.location() ?? undefined;
  const checkFiles = createPlaceCheck(file === undefined ? [] : filesOf(file));
  const checkPlace = (): void => {
    // Its files go with the last who has it open.
    if (!database.isOpen) throw closed();
    checkFiles();
  };
  return { database, file, records, seals, checkPlace };
}
