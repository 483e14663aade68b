import { HANDLERS } from "../handler-destination.ts";
import type { ClaimedEntry, DeadLetter, Inbox, Settlement, WaitRequest } from "../inbox.ts";
import { pause, within } from "../within.ts";
import { connectRedis, isConnected, type RedisPlace } from "../redis/connect-redis.ts";
import { connectStream, type StreamClient } from "./stream-client.ts";
import { readEntry } from "./stream-entry.ts";
import { consumerPrefix, streamKeys } from "./stream-scripts.ts";

export interface StreamEntriesOptions {
  readonly redis: RedisPlace;
  readonly stream: string;
  readonly group: string;
  /** Entries go when every group has handled them. */
  readonly removeHandled: boolean;
  /** How long Redis may take to answer. */
  readonly commandTimeoutMs: number;
}

/** A stream with a consumer group, as what a relay takes entries from. It has one source, which is called as the stream. */
export type StreamEntries = Pick<
  Inbox,
  "claim" | "renew" | "settle" | "due" | "wait" | "owed" | "deadLetters" | "requeue" | "discard" | "close"
>;

interface Own
  extends
    Pick<OpenGroup, "client" | "consumer" | "keys">,
    Pick<StreamEntriesOptions, "group" | "removeHandled"> {}

/** How often is looked for entries of consumers that died. */
const takeOverEveryMs = 1_000;

/** How long one blocking read waits at most; a caller waits for several if need be. */
const blockMs = 1_000;

/** A consumer of a group, with its connections. */
export interface OpenGroup {
  readonly client: StreamClient;
  /** Its own name in the group. */
  readonly consumer: string;
  readonly keys: ReturnType<typeof streamKeys>;
  readonly bell: Bell;
  /** Asks something of a group that is there: it is made if need be, also after the stream was deleted. */
  ask<T>(question: () => Promise<T>): Promise<T>;
}

export function openGroup({ redis, stream, group, commandTimeoutMs }: StreamEntriesOptions): OpenGroup {
  const client = connectStream(redis, commandTimeoutMs);
  // Otherwise each start would begin with a failure.
  const connecting = isConnected(client, 3_000);
  const explain = (error: unknown) => {
    throw new Error(client.describeProblem(error));
  };
  const makeGroup = () =>
    client.xgroup("CREATE", stream, group, "0", "MKSTREAM").catch((error: unknown) => {
      // Another process was first.
      if (!String(error).includes("BUSYGROUP")) throw error;
    });
  return {
    client,
    consumer: `${consumerPrefix}${crypto.randomUUID()}`,
    keys: streamKeys(stream, group),
    bell: createBell(redis, stream),
    ask: async (question) => {
      await connecting;
      const answer = question().catch(async (error: unknown) => {
        if (!isWithoutGroup(error)) throw error;
        await makeGroup();
        return question();
      });
      return answer.catch(explain);
    },
  };
}

/**
 * Entries stay pending in the group until they are settled: those being handled with their consumer, which renews their
 * idle time as its lease; those that wait for their next attempt, and dead letters, with a name of their own.
 */
export function createStreamEntries(
  options: StreamEntriesOptions,
  open: OpenGroup = openGroup(options),
): StreamEntries {
  const { group, removeHandled } = options;
  const { client, consumer, keys, bell, ask } = open;
  const own: Own = { client, consumer, keys, group, removeHandled };
  let lookedAtMs = -Infinity;

  return {
    owed: async () => [],
    due: async () => [{ source: keys.stream }],
    claim: async ({ destination, limit, leaseMs }) => {
      bell.mute();
      const takesOver = performance.now() - lookedAtMs >= takeOverEveryMs;
      const named = [keys.stream, keys.due, group, consumer, leaseMs, limit, takesOver ? 1 : 0];
      const [last, rows] = await ask(() => client.hooksTakeBuffer(...named));
      if (takesOver) lookedAtMs = performance.now();
      bell.heardUntil(last.toString(), rows.length >= limit);
      return rows.map(([id, attempt, fields]): ClaimedEntry => {
        return { ...readEntry(id.toString(), fields), destination, attempt, shares: 1 };
      });
    },
    renew: async ({ claims }) => {
      const named = claims.flatMap(({ key, attempt }) => [key, attempt]);
      return (await client.hooksKeep(keys.stream, group, consumer, ...named)).map((kept) => kept === 1);
    },
    settle: (settlements) => Promise.all(settlements.map((settlement) => settle(own, settlement))),
    wait: bell.wait,
    deadLetters: async ({ limit, after = "-" }) => {
      const letters = await ask(() => client.hooksDeadBuffer(keys.stream, keys.dead, group, after, limit));
      return letters.map(([id, fields, json]): DeadLetter => {
        return { ...readEntry(id.toString(), fields), destination: HANDLERS, ...readBurial(json) };
      });
    },
    requeue: async ({ keys: ids }) =>
      ask(() => client.hooksRevive(keys.stream, keys.dead, keys.due, group, ...ids)),
    discard: async ({ keys: ids }) =>
      ask(() => client.hooksDiscard(keys.stream, keys.dead, group, removeHandled ? 1 : 0, ...ids)),
    close: async () => {
      bell.close();
      await client.hooksLeave(keys.stream, group, consumer).catch(() => {});
      client.disconnect();
    },
  };
}

async function settle(own: Own, settlement: Settlement): Promise<boolean> {
  const { client, keys, group, consumer, removeHandled } = own;
  const { claim } = settlement;
  const held = [group, consumer, claim.key, claim.attempt] as const;
  try {
    switch (settlement.kind) {
      case "done":
        return (await client.hooksDone(keys.stream, ...held, removeHandled ? 1 : 0)) === 1;
      case "retry":
        return (await client.hooksRetry(keys.stream, keys.due, ...held, settlement.delayMs)) === 1;
      case "dead": {
        const { reason } = settlement;
        const burial = JSON.stringify({ reason, buriedAtMs: Date.now(), attempts: claim.attempt });
        return (await client.hooksBury(keys.stream, keys.dead, ...held, burial)) === 1;
      }
    }
  } catch (error) {
    // The stream was deleted, and the entry with it.
    if (isWithoutGroup(error)) return false;
    throw error;
  }
}

function readBurial(json: Buffer): Pick<DeadLetter, "reason" | "attempts" | "buriedAtMs"> {
  const { reason = "", attempts = 0, buriedAtMs = 0 } = JSON.parse(json.toString()) as Partial<DeadLetter>;
  return { reason, attempts, buriedAtMs };
}

function isWithoutGroup(error: unknown): boolean {
  return error instanceof Error && /NOGROUP|no such key/.test(error.message);
}

/** Wakes whoever waits for new entries. */
export interface Bell {
  /** Waiting is for the time only, until what came was seen: what nobody could take would end it at once. */
  mute(): void;
  /** What came until then was seen; there may be more, for which there is no room. */
  heardUntil(id: string, isFull: boolean): void;
  readonly wait: (request: WaitRequest) => Promise<void>;
  close(): void;
}

/** Hears of new entries on a connection of its own, because waiting for them holds up whatever else is asked there. */
function createBell(redis: RedisPlace, stream: string): Bell {
  const client = connectRedis(redis, { connectionName: "hooks-bell", commandTimeout: blockMs + 2_000 });
  let last = "0-0";
  let isMute = false;
  let read: Promise<unknown> | undefined;
  return {
    mute: () => {
      isMute = true;
    },
    heardUntil: (id, isFull) => {
      last = id;
      isMute = isFull;
    },
    wait: async ({ timeoutMs, signal }) => {
      if (isMute) return pause(timeoutMs, signal);
      // A read cannot be called off: the one under way, if there is one, is waited for by the next as well.
      read ??= client
        .xread("COUNT", 1, "BLOCK", blockMs, "STREAMS", stream, last)
        .catch(() => pause(timeoutMs))
        .finally(() => {
          read = undefined;
        });
      await within(timeoutMs, read, signal);
    },
    close: () => client.disconnect(),
  };
}
