import type { Report } from "../report.ts";
import type { HealthRecord, OwnedShard, Store, WorkerIdentity } from "../store.ts";

export interface OwnershipOptions {
  readonly store: Pick<Store, "lease" | "release" | "health">;
  readonly identity: WorkerIdentity;
  readonly now: () => number;
  readonly report: Report;
  readonly leaseMs: number;
  readonly maxInterruptions: number;
  /** Whether something of a shard is in flight, or being taken. */
  readonly isBusy: (shard: number) => boolean;
  /** Gets the store's time, where it has a clock of its own. */
  readonly onTime: (storeMs: number) => void;
  /** Gets the shards that were won, with what is known against endpoints of them, before anything is taken of them. */
  readonly onWon: (shards: readonly number[], known: readonly HealthRecord[], nowMs: number) => void;
  /** Gets the shards that were handed over or lost. */
  readonly onLost: (shards: readonly number[]) => void;
}

/** Which shards this worker may serve. */
export interface OwnedShards {
  /** To be taken from: owned, not to be handed over, under a lease that has not run out. */
  active(): ReadonlyMap<number, OwnedShard>;
  /** The heartbeat. Returns whether shards were won. */
  renew(): Promise<boolean>;
  /** Gives up every shard of which nothing is in flight. What is in flight stays ours until the lease ends. */
  releaseIdle(): Promise<void>;
}

const NONE: ReadonlyMap<number, OwnedShard> = new Map();

export function createOwnership({
  store,
  identity,
  now,
  report,
  leaseMs,
  maxInterruptions,
  isBusy,
  onTime,
  onWon,
  onLost,
}: OwnershipOptions): OwnedShards {
  let shards = new Map<number, OwnedShard>();
  let excess: readonly number[] = [];
  let expiresMs = 0;

  const handOver = async (): Promise<void> => {
    const drained = excess.filter((shard) => !isBusy(shard));
    if (drained.length === 0) return;
    await store.release(identity.id, drained);
    for (const shard of drained) shards.delete(shard);
    excess = excess.filter((shard) => !drained.includes(shard));
    onLost(drained);
  };

  const serving = () => {
    const draining = new Set(excess);
    return new Map([...shards].filter(([shard]) => !draining.has(shard)));
  };
  let active = NONE;

  return {
    active: () => (performance.now() < expiresMs ? active : NONE),
    async renew() {
      const startedMs = performance.now();
      try {
        const ownership = await store.lease({
          worker: identity,
          nowMs: now(),
          leaseMs,
          maxInterruptions,
        });
        if (ownership.storeMs !== undefined) onTime(ownership.storeMs);
        const { won, held, lost } = changesOf(shards, ownership.owned);
        if (won.length > 0) onWon(won, await store.health(won), now());
        shards = held;
        if (lost.length > 0) onLost(lost);
        excess = ownership.excess;
        // Counted from before the call: the store may have written it any time since. Nobody can set this clock.
        expiresMs = startedMs + leaseMs;
        active = serving();
        await handOver();
        return won.length > 0;
      } catch (error) {
        report({ kind: "store_unavailable", during: "lease", error });
        return false;
      }
    },
    async releaseIdle() {
      const idle = [...shards.keys()].filter((shard) => !isBusy(shard));
      const isAll = idle.length === shards.size;
      active = NONE;
      try {
        await store.release(identity.id, isAll ? undefined : idle);
      } catch (error) {
        report({ kind: "store_unavailable", during: "release", error });
      }
    },
  };
}

function changesOf(before: ReadonlyMap<number, OwnedShard>, owned: readonly OwnedShard[]) {
  const held = new Map(owned.map((one) => [one.shard, one]));
  const won = owned.filter(({ shard, epoch }) => before.get(shard)?.epoch !== epoch);
  const lost = [...before.keys()].filter((shard) => !held.has(shard));
  return { held, won: won.map(({ shard }) => shard), lost };
}
