import type { Store } from "../../../store.ts";
import type { Vault } from "../../../vault.ts";

/** A place where a store keeps what it keeps, with nothing in it yet. */
export interface KeptPlace {
  /** Opens a store there, also beside others. Rejects where the store cannot be used with this vault. */
  open(vault?: Vault): Promise<Store>;
  /** Runs SQL on its tables, with `?` for values. */
  execute(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Everything that is kept there. */
  dump(): Promise<Buffer>;
}

/** Where stores are opened during a test; they are closed at its end. */
export interface Context {
  readonly open: (...keys: readonly string[]) => Promise<Store>;
  readonly close: (store: Store) => Promise<void>;
  readonly place: () => KeptPlace;
}
