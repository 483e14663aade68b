import { randomBytes } from "node:crypto";
import type { Rewrapped, Store } from "../../../store.ts";
import { createVault } from "../../../vault.ts";

/** A random master key. */
export const keyOf = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
export const K1 = keyOf("k1");
export const K2 = keyOf("k2");
export const vaultOf = (...keys: readonly string[]) =>
  createVault({ masterKeys: keys.join(), compressFromBytes: 500 });

/** Seals everything anew, `limit` values a step, and sums up what came of it. */
export async function rewrapAll(store: Store, meanwhile: () => Promise<unknown> = async () => {}, limit = 2) {
  let sealed = 0;
  let unreadable = 0;
  let last: Rewrapped | undefined;
  while (last?.state !== "done") {
    last = await store.rewrap({ limit, after: last?.after });
    sealed += last.sealed;
    unreadable += last.unreadable;
    await meanwhile();
  }
  return { ...last, sealed, unreadable };
}
