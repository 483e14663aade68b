import type { Store } from "../store.ts";
import type { Timers } from "../worker/timers.ts";

/** What is under way, so that one can wait until it is over. */
export interface Activity {
  /** Counts work from its beginning to its end. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, and nothing more comes of what was. */
  idle(): Promise<void>;
}

/** A turn of the event loop in which nothing happens may still be followed by one in which something does; not so many. */
const QUIET_TURNS = 5;

export function createActivity(): Activity {
  let underWay = 0;
  let count = 0;
  return {
    async during(work) {
      underWay += 1;
      count += 1;
      try {
        return await work();
      } finally {
        underWay -= 1;
        count += 1;
      }
    },
    async idle() {
      let seen = -1;
      for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
        if (underWay > 0 || count !== seen) quiet = 0;
        seen = count;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** After these there may be something to do that a worker finds by looking once a second. */
const LEAVES_WORK = new Set(["settle", "addReplay", "changeReplay"]);

/** They answer at once, so they are no work. */
const AT_ONCE = new Set(["announce", "serve"]);

/**
 * The same store, whose verbs count as work. It says at once, by `hear`, when there may be something to do, so that nobody
 * has to look every second of a virtual day.
 */
export function watchStore(store: Store, { during }: Activity, { after }: Pick<Timers, "after">): Store {
  const listeners = new Set<() => void>();
  let isTold = false;
  const tell = (): void => {
    if (isTold) return;
    isTold = true;
    after(0, () => {
      isTold = false;
      for (const listener of listeners) listener();
    });
  };
  const watched = Object.entries(store).map(([name, verb]) => {
    const call = verb as (...args: unknown[]) => Promise<unknown>;
    const watch = (...args: unknown[]) =>
      during(async () => {
        const result = await call(...args);
        if (LEAVES_WORK.has(name)) tell();
        return result;
      });
    return [name, AT_ONCE.has(name) || name === "close" ? verb : watch];
  });
  return {
    // The same verbs under the same names.
    ...(Object.fromEntries(watched) as Store),
    hear(onAnnounced) {
      const listener = () => onAnnounced([]);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
