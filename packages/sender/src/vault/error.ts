import type { Place } from "../vault.ts";

/**
 * `invalid_master_key`: the keys are not written as they should be. `unknown_master_key`: something is encrypted under a
 * key that is not among them. `wrong_master_key`: a key of this id is another than the one that was used.
 * `damaged_value`: what is kept was changed, cut, or belongs elsewhere.
 */
export type VaultErrorCode =
  | "invalid_master_key"
  | "unknown_master_key"
  | "wrong_master_key"
  | "damaged_value";

/** What is encrypted at rest cannot be written or read. Says nothing of keys but their ids. */
export class VaultError extends Error {
  readonly code: VaultErrorCode;
  constructor(code: VaultErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "VaultError";
    this.code = code;
  }
}

export function damaged({ table, column, id }: Place): never {
  throw new VaultError(
    "damaged_value",
    `Expected ${table}.${column} of ${id} as it was sealed there; it was changed`,
  );
}
