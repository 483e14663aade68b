import type { Destination } from "./destination.ts";
import type { ClaimedEntry, Inbox } from "./inbox.ts";
import { findLanes, type Lane } from "./lanes.ts";
import type { Slots } from "./slots.ts";
import { createTasks, type InboxReport, type Task } from "./tasks.ts";
import { within } from "./within.ts";

export interface ClaimingOptions {
  readonly stopping: AbortSignal;
  readonly inbox: Pick<Inbox, "owed" | "due" | "wait">;
  readonly routes: Readonly<Record<string, readonly Destination[]>>;
  readonly slots: Pick<Slots<ClaimedEntry>, "free" | "woken" | "ring">;
  readonly pollMs: number;
  /** Claims what there is room for on a lane, and begins to deliver it; gives how many. May reject. */
  readonly claim: (lane: Lane) => Promise<number>;
  readonly report: (report: InboxReport) => void;
}

/** Sources whose server has not answered by then are left behind by the others. */
const roundMs = 100;

/**
 * Claims once from every source, and then from those that have something, until told to stop. In a cluster each source may be
 * away on its own: one that does not answer, or fails, is tried again by itself and holds up no other.
 */
export async function claimUntilStopped(options: ClaimingOptions): Promise<void> {
  const { stopping, inbox, routes, slots, pollMs, claim } = options;
  const tasks = createTasks(options);
  /** By source: to find its lanes; then to claim on each. */
  const bySource = new Map<string, readonly Task[]>();
  const look: Task = {
    run: async () => {
      for (const { source, destination } of await inbox.due(bySource)) {
        for (const task of bySource.get(source) ?? []) {
          const name = task.lane?.destination.name ?? destination;
          if (name === (destination ?? name)) tasks.add(task);
        }
      }
    },
  };
  const createClaim = (lane: Lane): Task => {
    const task: Task = {
      lane,
      run: async () => {
        const room = slots.free(lane.name);
        const count = await claim(lane);
        if (count >= room) tasks.add(task);
        // Behind what is to be claimed already, so that it does not name that.
        if (count > 0) tasks.add(look);
      },
    };
    return task;
  };
  for (const [source, destinations] of Object.entries(routes)) {
    const visit = async () => {
      // A look meanwhile must not begin another visit: each lane is one task.
      bySource.delete(source);
      const claims = (await findLanes(inbox, source, destinations)).map(createClaim);
      bySource.set(source, claims);
      await Promise.all(claims.map(tasks.begin));
    };
    if (destinations.length > 0) bySource.set(source, [{ run: visit }]);
  }
  // What has something comes first.
  await tasks.begin(look);
  for (const visits of bySource.values()) visits.forEach(tasks.add);
  while (!stopping.aborted) {
    // Asked for before the claims: a slot that is freed while another lane is being claimed for must end the wait.
    const woken = slots.woken();
    const begun = tasks.take().map(tasks.begin);
    if (begun.length === 0) await inbox.wait({ timeoutMs: pollMs, signal: woken });
    else if (await within(roundMs, Promise.all(begun))) continue;
    // Also when one is away: the others may have something.
    tasks.add(look);
  }
  await Promise.all(tasks.busy.values());
}
