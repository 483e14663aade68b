import { describe, expect, it } from "vitest";
import { keyIdOf } from "../../../vault.ts";
import { T0 } from "../bundle.ts";
import { K1, K2, rewrapAll } from "./keys.ts";
import type { Context } from "./place.ts";
import { answered, expectReadable, fill, MARKERS } from "./secrets.ts";

export function describeRewrap({ open, close, place }: Context): void {
  const keysInUse = async () => {
    const rows = await place().execute("SELECT body FROM events UNION ALL SELECT body FROM renditions");
    return new Set(rows.map((row) => keyIdOf(row["body"] as Uint8Array)));
  };

  describe("rewrap", () => {
    it("seals everything under the first key, and says which ones nobody needs any more", async () => {
      const filled = await fill(await open(K1));
      const store = await open(K2, K1);
      const { sealed, ...rest } = await rewrapAll(store);
      expect(rest).toMatchObject({ unreadable: 0, forgotten: ["k1"], inUse: [] });
      // Two endpoints, three events with their digests, renditions, keys, and two answers.
      expect(sealed).toBe(2 + 3 * 4 + 2);
      expect(await rewrapAll(store)).toMatchObject({ sealed: 0, forgotten: [] });
      await close(store);
      await expectReadable(await open(K2), filled);
      await expect(open(K1)).rejects.toMatchObject({ code: "unknown_master_key" });
    });

    it("goes on from the beginning where it was ended", async () => {
      const filled = await fill(await open(K1), 8);
      let after: string | undefined;
      for (let call = 0; call < 7; call += 1) {
        const store = await open(K2, K1);
        ({ after } = await store.rewrap({ limit: 2, after }));
        await close(store);
      }
      expect(await keysInUse()).toEqual(new Set(["k1", "k2"]));
      await expectReadable(await open(K2, K1), filled);
      expect(await rewrapAll(await open(K2, K1))).toMatchObject({ forgotten: ["k1"] });
      await expectReadable(await open(K2), filled);
    });

    it("leaves nothing behind while others publish, change and deliver under the old key first", async () => {
      const old = await open(K1, K2);
      const filled = await fill(old, 6);
      const { eventOf, lease, take } = filled.bundle;
      const fresh = await open(K2, K1);
      const published: string[] = [];
      const settled: string[] = [];
      const { forgotten, inUse } = await rewrapAll(fresh, async () => {
        const event = eventOf({ idempotency: { key: `n ${published.length}`, digest: "d" } });
        await old.publish([event], T0);
        published.push(event.id);
        const endpoint = await old.getEndpoint(filled.endpoint.id);
        if (endpoint !== undefined)
          await old.changeEndpoint({ ...endpoint, description: event.id, revision: endpoint.revision + 1 });
        const { owned } = await lease("w3");
        const { deliveries, id } = await take("w3", owned, { room: 3 });
        expect(deliveries.every(({ fault }) => fault === undefined)).toBe(true);
        const settlements = deliveries.map((delivery) => answered(delivery, { state: "delivered" }));
        await old.settle({ settlements, health: [], finishedBatches: [id], nowMs: T0 });
        settled.push(...deliveries.map((delivery) => delivery.id));
      });
      expect({ forgotten, inUse }).toEqual({ forgotten: ["k1"], inUse: [] });
      expect(await keysInUse()).toEqual(new Set(["k2"]));
      const only = await open(K2);
      for (const id of [...filled.ids, ...published]) expect(await only.getEvent(id)).toBeDefined();
      expect(settled.length).toBeGreaterThan(10);
      for (const id of settled)
        expect((await only.listAttempts(id)).at(-1)?.response).toContain(MARKERS.response);
      expect(await only.getEndpoint(filled.endpoint.id)).toMatchObject({ description: published.at(-1) });
    });

    it("does not forget a key that somebody was started with as the first", async () => {
      await fill(await open(K1));
      const fresh = await open(K2, K1);
      let isStarted = false;
      const rewrapped = await rewrapAll(fresh, async () => {
        if (!isStarted) await open(K1, K2);
        isStarted = true;
      });
      expect(rewrapped).toMatchObject({ forgotten: [], inUse: ["k1"] });
    });

    it("needs a key", async () => {
      const store = await open();
      await expect(store.rewrap({ limit: 1 })).rejects.toMatchObject({ code: "invalid_master_key" });
    });
  });
}
