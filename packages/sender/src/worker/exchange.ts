import { shardOf } from "../core/sharding.ts";
import type { OwnedShard, Store } from "../store.ts";
import type { Chores } from "./chores.ts";
import type { Intake } from "./intake.ts";
import type { Lanes } from "./lanes.ts";

export interface ExchangeOptions {
  readonly store: Pick<Store, "announce" | "hear">;
  readonly owned: () => ReadonlyMap<number, OwnedShard>;
  readonly lanes: Pick<Lanes, "refresh">;
  readonly intake: Pick<Intake, "scan" | "pump">;
  readonly chores: Pick<Chores, "run">;
  /** Shards may be had, or are wanted. */
  readonly onShards: () => void;
}

/** Tells workers of other processes what was published for their endpoints, and hears the same from them. */
export interface Exchange {
  start(): void;
  stop(): void;
  /** Tells of those that are not this worker's. */
  tell(endpoints: readonly string[]): void;
}

export function createExchange({ store, owned, lanes, intake, chores, onShards }: ExchangeOptions): Exchange {
  let stopHearing: (() => void) | undefined;
  const areOwned = (endpoints: readonly string[], wanted: boolean): readonly string[] => {
    const shards = owned();
    return endpoints.filter((endpoint) => shards.has(shardOf(endpoint)) === wanted);
  };
  const onAnnounced = (endpoints: readonly string[]): void => {
    if (endpoints.length === 0) {
      void intake.scan();
      chores.run();
    }
    const own = areOwned(endpoints, true);
    if (own.length === 0) return;
    // Others have clocks of their own, and transactions that took their time: it may stand before what was taken last.
    lanes.refresh(own.map((id) => ({ id })));
    void intake.pump();
  };
  return {
    start: () => {
      stopHearing = store.hear(onAnnounced, onShards);
    },
    stop: () => stopHearing?.(),
    tell(endpoints) {
      const foreign = areOwned(endpoints, false);
      if (foreign.length > 0) store.announce(foreign);
    },
  };
}
