import type { Vault } from "../vault.ts";
import { VaultError } from "../vault/error.ts";

/** A key as a store remembers it. */
export interface KeyRecord {
  readonly id: string;
  /** Sealed under the key, to know it again. */
  readonly proof: Uint8Array;
  /** Nothing is to be sealed under it any more. */
  readonly isRetired: boolean;
}

/** Which key of a vault a store seals under, by the keys that are in use. */
export interface KeyChoice {
  /** The key that is sealed under; undefined when nothing is encrypted. */
  readonly keyId: string | undefined;
  /**
   * Compares the vault with the keys that are in use, when a store is opened, and gives the key to be remembered from now
   * on, if there is one. Throws a `VaultError` when one is missing or another.
   */
  admit(inUse: readonly KeyRecord[]): KeyRecord | undefined;
  /** Seals under a key that is not retired from now on. Throws a `VaultError` when there is none. */
  follow(inUse: readonly KeyRecord[]): void;
}

const PROOF = Buffer.from("a key of Hooks");

export function createKeyChoice(vault: Vault): KeyChoice {
  let keyId: string | undefined;
  return {
    get keyId() {
      return keyId;
    },
    admit(inUse) {
      for (const one of inUse) check(one, vault);
      keyId = vault.keyIds[0];
      if (keyId === undefined) return undefined;
      const known = inUse.find(({ id }) => id === keyId);
      if (known !== undefined) return known.isRetired ? { ...known, isRetired: false } : undefined;
      return { id: keyId, proof: vault.seal(PROOF, placeOf(keyId), keyId), isRetired: false };
    },
    follow(inUse) {
      for (const one of inUse) check(one, vault);
      if (vault.keyIds.length === 0) return;
      const current = inUse.filter(({ isRetired }) => !isRetired).map(({ id }) => id);
      const isCurrent = current.includes(keyId ?? "");
      const next = isCurrent ? keyId : vault.keyIds.find((id) => current.includes(id));
      if (next === undefined) {
        const message = "The database names no master key to encrypt under any more";
        throw new VaultError("unknown_master_key", message);
      }
      keyId = next;
    },
  };
}

function check({ id, proof }: KeyRecord, vault: Vault): void {
  if (!vault.keyIds.includes(id))
    throw new VaultError(
      "unknown_master_key",
      `The database is encrypted under the master key ${id}, which is not among those given`,
    );
  try {
    vault.open(proof, placeOf(id));
  } catch (cause) {
    const message = `The master key ${id} is not the one of that id that the database is encrypted under`;
    throw new VaultError("wrong_master_key", message, { cause });
  }
}

function placeOf(id: string) {
  return { table: "master_keys", column: "proof", id };
}
