import { renderAgain } from "./render/again.ts";
import type { Report } from "./report.ts";
import {
  StoreUnavailableError,
  type AnnounceReplay,
  type ReplayProgress,
  type ReplayStep,
  type Store,
} from "./store.ts";
import type { Versions } from "./versions.ts";
import type { Chore } from "./worker/chores.ts";

export interface ReplaysChoreOptions {
  readonly store: Pick<Store, "listReplays" | "advanceReplay">;
  readonly versions: Pick<Versions, "render">;
  readonly now: () => number;
  readonly announce: AnnounceReplay;
  readonly report: Report;
  /** Something is due for these endpoints now. */
  readonly wake: (endpoints: readonly string[]) => void;
}

/** How long after a fault to try again. */
const FAULT_MS = 1_000;

/** Replays that are carried out at the same time; others wait for these. */
const AT_ONCE = 20;

/** Few enough that the embedded store, where everybody waits for a commit, is busy for some milliseconds only. */
const STEP = 100;

/** Goes on with every running replay by one step, so that none waits for the end of another. */
export function createReplaysChore({
  store,
  versions,
  now,
  announce,
  report,
  wake,
}: ReplaysChoreOptions): Chore {
  return async () => {
    const replays = await store.listReplays({ limit: AT_ONCE, state: "running" });
    if (replays.length === 0) return false;
    const renderOf = await versions.render();
    let nextMs = Infinity;
    const render: ReplayStep["render"] = (event, endpoint) => {
      const again = renderAgain(event, endpoint, renderOf);
      return again.ok ? again.rendered : undefined;
    };
    /** One that cannot go on holds up no other. */
    const advance = (id: string) =>
      store.advanceReplay({ id, nowMs: now(), limit: STEP, render, announce }).catch((error: unknown) => {
        if (error instanceof StoreUnavailableError) throw error;
        report({ kind: "fault", error });
        return { endpoints: [], nextMs: now() + FAULT_MS };
      });
    for (const { id } of replays) {
      const progress: ReplayProgress = await advance(id);
      wake(progress.endpoints);
      nextMs = Math.min(nextMs, progress.nextMs ?? Infinity);
    }
    // One that has just ended may have made room for another.
    return nextMs === Infinity ? true : Math.max(0, nextMs - now());
  };
}
