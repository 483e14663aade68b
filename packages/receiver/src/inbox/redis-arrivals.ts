import type { WaitRequest } from "../inbox.ts";
import { pause, within } from "../within.ts";
import { createBell } from "./bell.ts";
import { connectInbox } from "./redis-client.ts";
import type { InboxKeys } from "./redis-scripts.ts";
import type { RedisPlace } from "../redis/connect-redis.ts";

/** Waits for new entries on a connection of its own. */
export interface Arrivals {
  /** Tells up to which entry a source has been claimed, for the destination that is ahead. */
  seen(source: string, cursor: string): void;
  /** Tells that this process has accepted something. */
  ring(): void;
  wait(request: WaitRequest): Promise<void>;
  close(): void;
}

interface ArrivalsOptions {
  readonly place: RedisPlace;
  readonly isCluster: boolean;
  readonly keys: (source: string) => InboxKeys;
}

/** The longest blocking read; after an abort the read under way ends by itself. */
const longestReadMs = 1_000;

export function createArrivals(options: ArrivalsOptions): Arrivals {
  return options.isCluster ? createRungArrivals() : createReadArrivals(options);
}

/** How long an event that another process has accepted may lie in a cluster before it is looked for. */
const clusterPollMs = 100;

/**
 * For a cluster: one blocking read takes keys of one slot only, and would need a connection for every source. What this
 * process accepts rings; for the others' events, which they claim themselves, the time is short.
 */
function createRungArrivals(): Arrivals {
  const bell = createBell();
  return {
    seen: () => {},
    ring: bell.ring,
    wait: ({ sources, timeoutMs, signal }) =>
      bell.wait(sources.length === 0 ? timeoutMs : Math.min(timeoutMs, clusterPollMs), signal),
    close: bell.ring,
  };
}

function createReadArrivals({ place, keys }: ArrivalsOptions): Arrivals {
  const client = connectInbox(place, {
    connectionName: "hooks-arrivals",
    commandTimeout: longestReadMs + 1_000,
    socketTimeout: 5_000,
  });
  const cursors = new Map<string, string>();

  let reading: Promise<void> | undefined;

  const read = async (sources: readonly string[], blockMs: number) => {
    const streams = sources.map((source) => keys(source).entries);
    const after = sources.map((source) => cursors.get(source) ?? "$");
    try {
      await client.xread("COUNT", 1, "BLOCK", blockMs, "STREAMS", ...streams, ...after);
    } catch {
      // Redis is away: whoever waits finds out by claiming. Only the pace matters here.
      await pause(Math.min(blockMs, 250));
    }
  };

  return {
    ring: () => {},
    seen: (source, cursor) => {
      if (isAfter(cursor, cursors.get(source) ?? "0-0")) cursors.set(source, cursor);
    },
    wait: async ({ sources, timeoutMs, signal }) => {
      if (sources.length === 0) return pause(timeoutMs, signal);
      const blockMs = Math.max(1, Math.min(timeoutMs, longestReadMs));
      // After an aborted wait its read is still under way, and another one would only queue behind it.
      reading ??= read(sources, blockMs).finally(() => (reading = undefined));
      await within(timeoutMs, reading, signal);
    },
    close: () => client.disconnect(),
  };
}

/** Whether one id of a stream comes after another. */
function isAfter(one: string, other: string): boolean {
  const [ms = 0, number = 0] = one.split("-").map(Number);
  const [otherMs = 0, otherNumber = 0] = other.split("-").map(Number);
  return ms > otherMs || (ms === otherMs && number > otherNumber);
}
