import type { Due, Names, WaitRequest } from "../inbox.ts";
import { pause } from "../within.ts";
import { createBell } from "./bell.ts";
import { connectInbox } from "./redis-client.ts";
import type { IndexKeys } from "./redis-index.ts";
import { createRounds } from "./rounds.ts";
import type { RedisPlace } from "../redis/connect-redis.ts";

/** Where something may be claimable, and waiting for more. */
export interface Arrivals {
  /** Tells that this process has accepted something. */
  accepted(source: string): void;
  /** Tells that this process has left something that can be claimed at once. */
  left(source: string): void;
  due(sources: Names): Promise<readonly Due[]>;
  wait(request: WaitRequest): Promise<void>;
  close(): void;
}

export interface ArrivalsOptions {
  readonly place: RedisPlace;
  /** None in a cluster. */
  readonly index: IndexKeys | undefined;
  /** What an index says is claimable. */
  readonly look: (ready: string) => Promise<readonly string[]>;
}

export function createArrivals({ place, index, look }: ArrivalsOptions): Arrivals {
  return index === undefined ? createRungArrivals() : createIndexedArrivals({ place, index, look });
}

/** How long an event that another process has accepted may lie in a cluster before it is looked for, for each source. */
const clusterPollMs = 1;
const leastClusterPollMs = 100;

/**
 * For a cluster: no key of an index could stand beside those of every source, and one blocking read takes keys of one slot
 * only. What this process accepts rings; for the others' events, which they claim themselves, and for what is due again, one
 * source after another is looked at.
 */
function createRungArrivals(): Arrivals {
  const bell = createBell();
  const rounds = createRounds({
    everyMs: leastClusterPollMs,
    roundMs: (count) => Math.max(leastClusterPollMs, count * clusterPollMs),
  });
  return {
    accepted: bell.ring,
    left: bell.ring,
    due: async (sources) => [...bell.rungFor(sources), ...rounds(sources)].map((source) => ({ source })),
    wait: ({ timeoutMs, signal }) => bell.wait(Math.min(timeoutMs, leastClusterPollMs), signal),
    close: bell.ring,
  };
}

interface IndexedOptions extends ArrivalsOptions {
  readonly index: IndexKeys;
}

/** The longest blocking read; after an abort the read under way ends by itself. */
const longestReadMs = 1_000;

/** So often a source is claimed from although the index does not say so: processes of an earlier version keep none. */
const distrustMs = 60_000;

/** Goes by the index, and waits for its news on a connection of its own. */
function createIndexedArrivals({ place, index, look }: IndexedOptions): Arrivals {
  const client = connectInbox(place, {
    connectionName: "hooks-arrivals",
    commandTimeout: longestReadMs + 1_000,
  });
  const bell = createBell();
  const rounds = createRounds({ everyMs: 1_000, roundMs: () => distrustMs });
  let last = "0-0";
  let reading: Promise<void> | undefined;

  const read = async () => {
    try {
      const reply = await client.xread("COUNT", 1, "BLOCK", longestReadMs, "STREAMS", index.bell, last);
      const [id] = reply?.[0]?.[1].at(-1) ?? [];
      // Ids begin anew where everything was lost, or another server has taken over.
      last = id ?? "$";
      if (id !== undefined) bell.ring();
    } catch {
      // Redis is away: whoever waits finds out by looking. Only the pace matters here.
      await pause(250);
    }
  };

  return {
    // Its own read tells.
    accepted: () => {},
    left: () => bell.ring(),
    due: async (sources) => {
      const lanes = (await look(index.ready)).map(toDue);
      return [...lanes, ...rounds(sources).map((source) => ({ source }))];
    },
    wait: ({ timeoutMs, signal }) => {
      reading ??= read().finally(() => (reading = undefined));
      return bell.wait(timeoutMs, signal);
    },
    close: () => {
      bell.ring();
      client.disconnect();
    },
  };
}

function toDue(lane: string): Due {
  const [source = "", destination = ""] = lane.split("\n");
  return destination === "" ? { source } : { source, destination };
}
