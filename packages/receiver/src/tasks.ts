import type { Lane } from "./lanes.ts";
import type { Slots } from "./slots.ts";
import { pause } from "./within.ts";

/** When the inbox cannot be asked something for the first time, and when it can be asked everything again. */
export type InboxReport =
  | { readonly kind: "inbox_unavailable"; readonly error: unknown }
  | { readonly kind: "inbox_available" };

/** Something that is asked of the inbox whenever there is reason to. */
export interface Task {
  readonly run: () => Promise<void>;
  /** Has to have room. */
  readonly lane?: Lane;
}

export interface TasksOptions {
  readonly stopping: AbortSignal;
  readonly slots: Pick<Slots<never>, "free" | "ring">;
  readonly report: (report: InboxReport) => void;
}

/** What there is reason to do, in the order in which it came up. */
export interface Tasks {
  add(this: void, task: Task): void;
  /** Takes out what can be done now, but no more than the inbox may be asked at once. */
  take(): readonly Task[];
  /** Resolves when it is done, or has failed, was added again and has rested. */
  begin(this: void, task: Task): Promise<void>;
  /** What is under way, or rests, until that has ended. */
  readonly busy: ReadonlyMap<Task, Promise<void>>;
}

/** What is accepted meanwhile must not wait behind thousands of claims. */
const maxAtOnce = 64;
/** After a failure. */
const restMs = 250;

export function createTasks({ stopping, slots, report }: TasksOptions): Tasks {
  const waiting = new Set<Task>();
  const busy = new Map<Task, Promise<void>>();
  const failed = new Set<Task>();
  const run = async (task: Task) => {
    try {
      await task.run();
      if (failed.delete(task) && failed.size === 0) report({ kind: "inbox_available" });
    } catch (error) {
      if (failed.size === 0) report({ kind: "inbox_unavailable", error });
      failed.add(task);
      waiting.add(task);
      await pause(restMs, stopping);
    }
    busy.delete(task);
    // Nobody may be waiting for it any more.
    slots.ring();
  };
  return {
    add: (task) => waiting.add(task),
    take: () => {
      const taken: Task[] = [];
      for (const task of waiting) {
        if (taken.length === maxAtOnce) break;
        if (busy.has(task) || slots.free(task.lane?.name ?? "") < 1) continue;
        waiting.delete(task);
        taken.push(task);
      }
      return taken;
    },
    begin: (task) => {
      const running = run(task);
      busy.set(task, running);
      return running;
    },
    busy,
  };
}
