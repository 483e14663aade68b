import { describe, expect, it } from "vitest";
import { StoreUnavailableError } from "../../../store.ts";
import { VaultError } from "../../../vault/error.ts";
import { createBundle, T0 } from "../bundle.ts";
import { K1, K2, keyOf, rewrapAll } from "./keys.ts";
import type { Context } from "./place.ts";
import { expectReadable, fill, MARKERS } from "./secrets.ts";

export function describeOpening({ open, close, place }: Context): void {
  describe("opening", () => {
    it("is refused without a key in use, which is named", async () => {
      await close(await open(K1));
      for (const keys of [[], [K2]]) {
        const opening = open(...keys);
        await expect(opening).rejects.toMatchObject({ code: "unknown_master_key" });
        await expect(opening).rejects.toThrow("master key k1");
      }
    });

    it("is refused with another key of the same id, and says nothing of either", async () => {
      await close(await open(K1));
      const other = keyOf("k1");
      const error: unknown = await open(other).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "wrong_master_key" });
      for (const key of [K1, other])
        expect(JSON.stringify(error) + String(error)).not.toContain(key.slice(3));
    });

    it("reads what was written before there were keys", async () => {
      const plain = await open();
      const filled = await fill(plain);
      await close(plain);
      const store = await open(K1);
      await expectReadable(store, filled);
      await store.publish([filled.bundle.eventOf()], T0);
      expect(await rewrapAll(store)).toMatchObject({ unreadable: 0, forgotten: [], inUse: [] });
      await expectReadable(store, filled);
      await close(store);
      const dump = await place().dump();
      for (const marker of Object.values(MARKERS)) expect(dump.includes(marker)).toBe(false);
    });

    it("tells whoever publishes what was kept under a key that it lacks which one that is", async () => {
      const before = await open(K1);
      const { eventOf } = createBundle(() => before);
      await before.publish([eventOf()], T0);
      const after = await open(K2, K1);
      const event = eventOf();
      await after.publish([event], T0);
      const publishing = before.publish([event], T0);
      await expect(publishing).rejects.toBeInstanceOf(VaultError);
      await expect(publishing).rejects.toMatchObject({ code: "unknown_master_key" });
      await expect(publishing).rejects.toThrow("master key k2");
    });

    it("serves nobody, and keeps nothing, where others write what it could not read", async () => {
      const before = await open(K1);
      const { lease, eventOf } = createBundle(() => before);
      const after = await open(K2, K1);
      await expect(lease("w1")).rejects.toBeInstanceOf(StoreUnavailableError);
      await expect(lease("w1")).rejects.toThrow("master key k2");
      await rewrapAll(after);
      await expect(before.publish([eventOf()], T0)).rejects.toMatchObject({
        code: "storage_unavailable",
        cause: { code: "unknown_master_key" },
      });
    });
  });
}
