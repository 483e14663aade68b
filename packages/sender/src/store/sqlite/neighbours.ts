import type { DatabaseSync } from "node:sqlite";
import type { Work } from "../../store.ts";

/** How often to look whether another process has written something: some microseconds each. */
const LOOK_MS = 100;

/**
 * Hears of workers of other processes that come or leave, and of shards that they hand over, by looking: there is nobody
 * who could tell. What they publish is found every `pollMs`. In memory there are no others.
 */
export function createNeighbours(database: DatabaseSync, path: string): Pick<Work, "announce" | "hear"> {
  if (path === ":memory:") return { announce, hear: () => () => {} };
  // It changes with every commit of another connection, and never with those of this one.
  const version = database.prepare("PRAGMA data_version");
  const crew = database.prepare(
    `SELECT (SELECT group_concat(id || is_leaving) FROM workers) AS workers,
       (SELECT group_concat(shard) FROM shards WHERE owner IS NULL) AS free`,
  );
  const crewNow = () => JSON.stringify(crew.get());
  return {
    announce,
    hear(_, onShards) {
      let seen: unknown;
      let known: string | undefined;
      const look = () => {
        const now = version.get()?.["data_version"];
        if (now === seen) return;
        seen = now;
        const before = known;
        known = crewNow();
        if (before !== undefined && before !== known) onShards();
      };
      const timer = setInterval(() => quietly(look), LOOK_MS);
      // It keeps no process alive.
      timer.unref();
      quietly(look);
      return () => clearInterval(timer);
    },
  };
}

function announce(): void {}

/** Who cannot look now looks again, and asks for a lease every so often anyway. */
function quietly(look: () => void): void {
  try {
    look();
  } catch {
    // The store is closed, or its disk does not answer; other verbs tell of it.
  }
}
