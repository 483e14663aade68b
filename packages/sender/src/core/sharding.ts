/** The fixed number of slices that all endpoints fall into. Changing it means moving every pending delivery. */
export const SHARD_COUNT = 64;

/** A lease that ends later than so long from now was written before the clock was set back: it is void. */
export const LONGEST_LEASE_MS = 60 * 60 * 1_000;

/** The shard of an endpoint: FNV-1a of its id, so that every process and language finds the same. */
export function shardOf(endpointId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < endpointId.length; index += 1) {
    hash = Math.imul(hash ^ endpointId.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % SHARD_COUNT;
}

export interface ShardRecord {
  readonly shard: number;
  /** The worker that holds it, if any. */
  readonly owner: string | undefined;
}

/** The workers whose leases have not run out. */
export interface Crew {
  readonly live: ReadonlySet<string>;
  /** Of these: they hand over what they have and take nothing more. */
  readonly leaving: ReadonlySet<string>;
}

export interface OwnershipPlan {
  readonly keep: readonly number[];
  /** Without a live owner, and within this worker's fair share. */
  readonly takeOver: readonly number[];
  /** Of `keep`: beyond the fair share, to be handed over once drained. */
  readonly excess: readonly number[];
}

/** Which shards a worker keeps, takes over and should hand over, so that all who stay end up with equal shares. */
export function planOwnership(
  worker: string,
  shards: readonly ShardRecord[],
  { live, leaving }: Crew,
): OwnershipPlan {
  const staying = live.size - leaving.size;
  const fairShare = leaving.has(worker) ? 0 : Math.ceil(shards.length / Math.max(1, staying));
  const keep = shards.filter(({ owner }) => owner === worker).map(({ shard }) => shard);
  const free = shards
    .filter(({ owner }) => owner === undefined || !live.has(owner))
    .map(({ shard }) => shard);
  return {
    keep,
    takeOver: free.slice(0, Math.max(0, fairShare - keep.length)),
    excess: keep.slice(fairShare),
  };
}
