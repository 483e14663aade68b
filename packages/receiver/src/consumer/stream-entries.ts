import type { Redis } from "ioredis";
import { HANDLERS } from "../handler-destination.ts";
import type { ClaimedEntry, DeadLetter, Inbox, Settlement, WaitRequest } from "../inbox.ts";
import { connect, connected, connectStream, type StreamClient } from "./stream-client.ts";
import { readEntry } from "./stream-entry.ts";
import { consumerPrefix, streamKeys } from "./stream-scripts.ts";

export interface StreamEntriesOptions {
  readonly redis: string | Redis;
  readonly stream: string;
  readonly group: string;
  /** Entries go when every group has handled them. */
  readonly removeHandled: boolean;
}

/** A stream with a consumer group, as what a relay takes entries from. It has one source, which is called as the stream. */
export type StreamEntries = Pick<
  Inbox,
  "claim" | "renew" | "settle" | "wait" | "owed" | "deadLetters" | "requeue" | "close"
>;

interface Group extends StreamEntriesOptions {
  readonly client: StreamClient;
  readonly consumer: string;
  readonly keys: ReturnType<typeof streamKeys>;
}

/** How often is looked for entries of consumers that died. */
const takeOverEveryMs = 1_000;

/** How long one blocking read waits at most; a caller waits for several if need be. */
const blockMs = 1_000;

/**
 * Entries stay pending in the group until they are settled: those being handled with their consumer, which renews their
 * idle time as its lease; those that wait for their next attempt, and dead letters, with a name of their own. The group is
 * made when it is not there, and again after the stream was deleted.
 */
export function createStreamEntries(options: StreamEntriesOptions): StreamEntries {
  const { redis, stream, group } = options;
  const client = connectStream(redis);
  const consumer = `${consumerPrefix}${crypto.randomUUID()}`;
  const keys = streamKeys(stream, group);
  const own: Group = { ...options, client, consumer, keys };
  const bell = createBell(redis, stream);
  // Otherwise each start would begin with a failure.
  const connecting = connected(client, 3_000);
  let lookedAtMs = -Infinity;

  return {
    owed: async () => [],
    claim: async ({ destination, limit, leaseMs, nowMs }) => {
      await connecting;
      const takesOver = performance.now() - lookedAtMs >= takeOverEveryMs;
      const take = () =>
        client.hooksTakeBuffer(
          keys.stream,
          keys.due,
          group,
          consumer,
          nowMs,
          leaseMs,
          limit,
          takesOver ? 1 : 0,
        );
      const [last, rows] = await withGroup(own, take);
      if (takesOver) lookedAtMs = performance.now();
      bell.heardUntil(last.toString());
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
      const letters = await withGroup(own, () =>
        client.hooksDeadBuffer(keys.stream, keys.dead, group, after, limit),
      );
      return letters.map(([id, fields, json]): DeadLetter => {
        return { ...readEntry(id.toString(), fields), destination: HANDLERS, ...readBurial(json) };
      });
    },
    requeue: async ({ keys: ids, nowMs }) =>
      withGroup(own, () => client.hooksRevive(keys.stream, keys.dead, keys.due, group, nowMs, ...ids)),
    close: async () => {
      bell.close();
      await client.hooksLeave(keys.stream, group, consumer).catch(() => {});
      client.disconnect();
    },
  };
}

async function settle(own: Group, settlement: Settlement): Promise<boolean> {
  const { client, keys, group, consumer, removeHandled } = own;
  const { claim } = settlement;
  const held = [group, consumer, claim.key, claim.attempt] as const;
  try {
    switch (settlement.kind) {
      case "done":
        return (await client.hooksDone(keys.stream, ...held, removeHandled ? 1 : 0)) === 1;
      case "retry":
        return (await client.hooksRetry(keys.stream, keys.due, ...held, settlement.dueAtMs)) === 1;
      case "dead": {
        const { reason, nowMs: buriedAtMs } = settlement;
        const burial = JSON.stringify({ reason, buriedAtMs, attempts: claim.attempt });
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

async function withGroup<T>({ client, stream, group }: Group, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isWithoutGroup(error)) throw error;
  }
  await client.xgroup("CREATE", stream, group, "0", "MKSTREAM").catch((error: unknown) => {
    // Another process was first.
    if (!String(error).includes("BUSYGROUP")) throw error;
  });
  return ask();
}

function isWithoutGroup(error: unknown): boolean {
  return error instanceof Error && /NOGROUP|no such key/.test(error.message);
}

/** Hears of new entries on a connection of its own, because waiting for them holds up whatever else is asked there. */
function createBell(redis: string | Redis, stream: string) {
  const client = connect(redis, { connectionName: "hooks-bell", commandTimeout: blockMs + 2_000 });
  let last = "0-0";
  let read: Promise<unknown> | undefined;
  return {
    /** What came until then was seen. */
    heardUntil: (id: string) => {
      last = id;
    },
    wait: async ({ timeoutMs, signal }: WaitRequest) => {
      // A read cannot be called off: the one under way, if there is one, is waited for by the next as well.
      read ??= client
        .xread("COUNT", 1, "BLOCK", blockMs, "STREAMS", stream, last)
        .catch(() => new Promise((resolve) => setTimeout(resolve, timeoutMs)))
        .finally(() => {
          read = undefined;
        });
      await first(read, { timeoutMs, signal });
    },
    close: () => client.disconnect(),
  };
}

function first(
  work: Promise<unknown>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, timeoutMs);
    if (signal?.aborted === true) return end();
    signal?.addEventListener("abort", end);
    void work.then(end);
  });
}
