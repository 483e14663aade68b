import { troubleOf, type Report } from "../report.ts";
import type { AnnounceDeath, HealthRecord, OwnedShard, Store, WorkerIdentity } from "../store.ts";
import type { Timers } from "./timers.ts";

export interface OwnershipOptions {
  readonly store: Pick<Store, "lease" | "release" | "health">;
  readonly identity: WorkerIdentity;
  readonly now: () => number;
  readonly timers: Timers;
  readonly report: Report;
  readonly leaseMs: number;
  readonly maxInterruptions: number;
  /** What is told of deliveries that die of their interruptions. */
  readonly announceDeath?: AnnounceDeath | undefined;
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
  /** Whether a shard is still this worker's, under a lease that has not run out. */
  holds(owned: OwnedShard): boolean;
  /** The heartbeat. Returns whether shards were won. */
  renew(): Promise<boolean>;
  /** Something is not in flight any more: what is to be handed over may be by now. */
  drained(): void;
  /** Takes nothing more, and hands over at once what nothing is in flight of, the rest as it drains. */
  leave(): Promise<void>;
  /** Gives up every shard of which nothing is in flight. What is in flight stays ours until the lease ends. */
  releaseIdle(): Promise<void>;
}

const NONE: ReadonlyMap<number, OwnedShard> = new Map();

/** What drains is looked at so often; whether a shard is busy is not asked for nothing. */
const DRAIN_MS = 20;

export function createOwnership(options: OwnershipOptions): OwnedShards {
  const { store, identity, now, timers, report, leaseMs, maxInterruptions, isBusy, onTime, onWon, onLost } =
    options;
  const inTurn = createTurns(report);
  let shards = new Map<number, OwnedShard>();
  let excess: readonly number[] = [];
  let active = NONE;
  let expiresMs = 0;
  let isLeaving = false;
  let draining: (() => void) | undefined;

  const handOver = async (): Promise<void> => {
    const drained = excess.filter((shard) => !isBusy(shard));
    if (drained.length === 0) return;
    await store.release(identity.id, drained);
    for (const shard of drained) shards.delete(shard);
    excess = excess.filter((shard) => !drained.includes(shard));
    onLost(drained);
  };
  const renew = async (): Promise<boolean> => {
    const startedMs = timers.elapsed();
    const { announceDeath } = options;
    const limits = { leaseMs, maxInterruptions, isLeaving, announceDeath };
    const ownership = await store.lease({ worker: identity, nowMs: now(), ...limits });
    if (ownership.storeMs !== undefined) onTime(ownership.storeMs);
    const { won, held, lost } = changesOf(shards, ownership.owned);
    if (won.length > 0) onWon(won, await store.health(won), now());
    shards = held;
    if (lost.length > 0) onLost(lost);
    excess = ownership.excess;
    // Counted from before the call: the store may have written it any time since. Nobody can set this clock.
    expiresMs = startedMs + leaseMs;
    active = without(shards, excess);
    await handOver();
    return won.length > 0;
  };
  const renewOnce = createOnce(async () => (await inTurn("lease", renew)) ?? false);

  return {
    active: () => (timers.elapsed() < expiresMs ? active : NONE),
    holds: ({ shard, epoch }) => timers.elapsed() < expiresMs && shards.get(shard)?.epoch === epoch,
    renew: renewOnce,
    drained() {
      if (excess.length === 0) return;
      draining ??= timers.after(DRAIN_MS, () => {
        draining = undefined;
        void inTurn("release", handOver);
      });
    },
    async leave() {
      isLeaving = true;
      await renewOnce();
    },
    async releaseIdle() {
      draining?.();
      active = NONE;
      await inTurn("release", async () => {
        const idle = [...shards.keys()].filter((shard) => !isBusy(shard));
        await store.release(identity.id, idle.length === shards.size ? undefined : idle);
      });
    },
  };
}

type Turn = "lease" | "release";

/** Does one after the other, so that none undoes another; says what the store could not do. */
function createTurns(report: Report) {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(during: Turn, work: () => Promise<T>): Promise<T | undefined> => {
    const turn = last.then(work).catch((error: unknown) => {
      report(troubleOf(during, error));
      return undefined;
    });
    last = turn;
    return turn;
  };
}

/** Whoever asks while it has not begun gets what the first one gets. */
function createOnce<T>(work: () => Promise<T>): () => Promise<T> {
  let waiting: Promise<T> | undefined;
  let running: Promise<unknown> = Promise.resolve();
  return () => {
    waiting ??= running.then(() => {
      waiting = undefined;
      const result = work();
      running = result;
      return result;
    });
    return waiting;
  };
}

function without(
  shards: ReadonlyMap<number, OwnedShard>,
  excess: readonly number[],
): ReadonlyMap<number, OwnedShard> {
  const draining = new Set(excess);
  return new Map([...shards].filter(([shard]) => !draining.has(shard)));
}

function changesOf(before: ReadonlyMap<number, OwnedShard>, owned: readonly OwnedShard[]) {
  const held = new Map(owned.map((one) => [one.shard, one]));
  const won = owned.filter(({ shard, epoch }) => before.get(shard)?.epoch !== epoch);
  const lost = [...before.keys()].filter((shard) => !held.has(shard));
  return { held, won: won.map(({ shard }) => shard), lost };
}
