import { describe, expect, it } from "vitest";
import { LONGEST_LEASE_MS, SHARD_COUNT } from "../../core/sharding.ts";
import { type Bundle, T0, LEASE_MS } from "./bundle.ts";

export function describeLease(bundle: Bundle): void {
  describe("lease", () => {
    it("gives a lone worker every shard", async () => {
      const { owned, excess } = await bundle.lease("w1");
      expect(owned.map(({ shard }) => shard)).toEqual(
        Array.from({ length: SHARD_COUNT }, (_, shard) => shard),
      );
      expect(excess).toEqual([]);
    });

    it("asks for half when a second worker comes, and gives it what was handed over", async () => {
      await bundle.lease("w1");
      expect((await bundle.lease("w2")).owned).toEqual([]);
      const { excess } = await bundle.lease("w1");
      expect(excess).toHaveLength(SHARD_COUNT / 2);
      await bundle.store.release("w1", excess);
      const [first, second] = [await bundle.lease("w1"), await bundle.lease("w2")];
      expect(second.owned.map(({ shard }) => shard).toSorted()).toEqual([...excess].toSorted());
      expect(first.owned).toHaveLength(SHARD_COUNT / 2);
      expect(first.excess).toEqual([]);
    });

    it("gives the shards of a worker whose lease has run out to another, under a higher epoch", async () => {
      const before = await bundle.lease("w1");
      expect((await bundle.lease("w2", T0 + LEASE_MS - 1)).owned).toEqual([]);
      const after = await bundle.lease("w2", T0 + LEASE_MS);
      expect(after.owned).toHaveLength(SHARD_COUNT);
      for (const [index, { epoch }] of after.owned.entries())
        expect(epoch).toBeGreaterThan(before.owned[index]!.epoch);
    });

    it("goes by no worker's clock when it says who is live", async () => {
      const before = await bundle.lease("w1");
      const day = 24 * 3_600_000;
      const worker = { id: "w2", host: "elsewhere", pid: 1 };
      const askAt = (nowMs: number) =>
        bundle.store.lease({ worker, nowMs, leaseMs: LEASE_MS, maxInterruptions: 3 });
      for (const nowMs of [Date.now() + day, T0, 0, Number.MAX_SAFE_INTEGER])
        expect((await askAt(nowMs)).owned).toEqual([]);
      expect((await bundle.lease("w1")).owned).toEqual(before.owned);
      await bundle.lapse("w1");
      expect((await askAt(0)).owned).toHaveLength(SHARD_COUNT);
    });

    it("keeps no lease for longer than anyone may have asked for", async () => {
      const worker = { id: "w1", host: "elsewhere", pid: 1 };
      const leaseMs = LONGEST_LEASE_MS + 60_000;
      await bundle.store.lease({ worker, nowMs: T0, leaseMs, maxInterruptions: 3 });
      expect((await bundle.lease("w2")).owned).toHaveLength(SHARD_COUNT);
    });

    it("keeps the epoch of a worker that renews", async () => {
      const first = await bundle.lease("w1");
      expect((await bundle.lease("w1", T0 + LEASE_MS * 3)).owned).toEqual(first.owned);
    });

    it("asks one that leaves for all it has, gives it nothing more, and the others its share", async () => {
      const leave = () =>
        bundle.store.lease({
          worker: { id: "w1", host: "elsewhere", pid: 1 },
          nowMs: T0,
          leaseMs: 60_000,
          maxInterruptions: 3,
          isLeaving: true,
        });
      const { owned } = await bundle.lease("w1");
      const leaving = await leave();
      expect(leaving.owned).toEqual(owned);
      expect(leaving.excess).toHaveLength(SHARD_COUNT);
      expect((await bundle.lease("w2")).owned).toEqual([]);
      await bundle.store.release("w1", leaving.excess.slice(0, 50));
      expect((await bundle.lease("w2")).owned).toHaveLength(50);
      expect((await leave()).excess).toHaveLength(SHARD_COUNT - 50);
      await bundle.store.release("w1");
      expect(await bundle.lease("w2")).toMatchObject({ owned: { length: SHARD_COUNT }, excess: [] });
    });

    it("gives everything back at once", async () => {
      await bundle.lease("w1");
      await bundle.store.release("w1");
      expect((await bundle.lease("w2", T0 + 1)).owned).toHaveLength(SHARD_COUNT);
    });
  });
}
