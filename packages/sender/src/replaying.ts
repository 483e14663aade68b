import type { AnnounceReplay, Store } from "./store.ts";
import { renderAgain } from "./render/again.ts";
import type { Versions } from "./versions.ts";
import type { Chore } from "./worker/chores.ts";

export interface ReplaysChoreOptions {
  readonly store: Pick<Store, "listReplays" | "advanceReplay">;
  readonly versions: Pick<Versions, "render">;
  readonly now: () => number;
  readonly announce: AnnounceReplay;
  /** Something is due for these endpoints now. */
  readonly wake: (endpoints: readonly string[]) => void;
}

/** Replays that are carried out at the same time; others wait for these. */
const AT_ONCE = 20;

/** Few enough that the embedded store, where everybody waits for a commit, is busy for some milliseconds only. */
const STEP = 100;

/** Goes on with every running replay by one step, so that none waits for the end of another. */
export function createReplaysChore({ store, versions, now, announce, wake }: ReplaysChoreOptions): Chore {
  return async () => {
    const replays = await store.listReplays({ limit: AT_ONCE, state: "running" });
    if (replays.length === 0) return false;
    const renderOf = await versions.render();
    let nextMs = Infinity;
    for (const { id } of replays) {
      const progress = await store.advanceReplay({
        id,
        nowMs: now(),
        limit: STEP,
        render(event, endpoint) {
          const again = renderAgain(event, endpoint, renderOf);
          return again.ok ? again.rendered : undefined;
        },
        announce,
      });
      wake(progress.endpoints);
      nextMs = Math.min(nextMs, progress.nextMs ?? Infinity);
    }
    // One that has just ended may have made room for another.
    return nextMs === Infinity ? true : Math.max(0, nextMs - now());
  };
}
