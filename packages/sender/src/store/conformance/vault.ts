import { afterEach, beforeEach, describe } from "vitest";
import type { Store } from "../../store.ts";
import { vaultOf } from "./vault/keys.ts";
import { describeOpening } from "./vault/opening.ts";
import type { KeptPlace } from "./vault/place.ts";
import { describeRewrap } from "./vault/rewrap.ts";
import { describeSecrecy } from "./vault/secrecy.ts";
import { describeTampering } from "./vault/tampering.ts";

export type { KeptPlace } from "./vault/place.ts";

/** What every store that takes a vault must do with it. */
export function describeVault(name: string, newPlace: () => Promise<KeptPlace>): void {
  describe(`${name} with a vault`, () => {
    let place: KeptPlace;
    let stores: Store[];
    beforeEach(async () => {
      place = await newPlace();
      stores = [];
    });
    afterEach(async () => {
      for (const store of stores) await store.close();
    });
    const open = async (...keys: readonly string[]) => {
      const store = await place.open(vaultOf(...keys));
      stores.push(store);
      return store;
    };
    const close = async (store: Store) => {
      stores = stores.filter((one) => one !== store);
      await store.close();
    };
    const context = { open, close, place: () => place };
    describeSecrecy(context);
    describeTampering(context);
    describeOpening(context);
    describeRewrap(context);
  });
}
