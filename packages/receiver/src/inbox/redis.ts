import { type Inbox, type InboxLimits, inboxLimits, type Settlement } from "../inbox.ts";
import { createAccepting } from "./redis-accept.ts";
import { createArrivals } from "./redis-arrivals.ts";
import { checkRedis } from "./redis-check.ts";
import { ask, connectInbox, type InboxClient } from "./redis-client.ts";
import { toClaimedEntries, toDeadLetter } from "./redis-rows.ts";
import { inboxKeys, type InboxKeys } from "./redis-scripts.ts";

export interface RedisInboxOptions extends InboxLimits {
  /** `redis://` or `rediss://` (TLS), with user and password when needed. */
  readonly url: string;
  /** What all keys begin with. Default `hooks`. */
  readonly prefix?: string;
  /** How long Redis may take to answer. Default 500 ms: senders are told within a second. */
  readonly commandTimeoutMs?: number;
  /** Replicas that must have an event before it counts as accepted. Default 0. One `WAIT` covers all events of a round trip. */
  readonly replicas?: number;
}

/**
 * An inbox in Redis 7 or later, for any number of processes. One script deduplicates and enqueues what arrived in the
 * same turn of the event loop. Accepting, claiming and blocking reads use connections of their own.
 *
 * Redis must run with `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`; `selfCheck` tells.
 */
export function createRedisInbox(options: RedisInboxOptions): Inbox {
  const { url, prefix = "hooks", commandTimeoutMs: commandTimeout = 500, replicas = 0 } = options;
  const limits = { ...inboxLimits, ...options };
  const accepting = connectInbox(url, "hooks-accept", { commandTimeout });
  const working = connectInbox(url, "hooks-work", { commandTimeout: 2_000 });
  const keys = rememberKeys(prefix);
  const arrivals = createArrivals({ url, keys });

  return {
    ...createAccepting({ client: accepting, keys, limits, replicas, timeoutMs: commandTimeout }),
    claim: async ({ source, limit, leaseMs, nowMs }) => {
      const { entries, cursor, due, reclaims, confirmed } = keys(source);
      const names = [entries, cursor, due, reclaims, confirmed];
      const reply = await ask(working.hooksClaimBuffer(names.length, ...names, nowMs, leaseMs, limit));
      arrivals.seen(source, reply[0].toString());
      return toClaimedEntries(source, reply);
    },
    renew: ({ claims, leaseMs, nowMs }) =>
      perSource(
        claims,
        (claim) => claim.source,
        (source, mine) => {
          const { due, reclaims } = keys(source);
          const args = mine.flatMap(({ key, attempt }) => [key, attempt]);
          return ask(working.hooksRenew(2, due, reclaims, nowMs + leaseMs, ...args));
        },
      ).then((held) => held.map((one) => one === 1)),
    settle: (settlements) =>
      perSource(
        settlements,
        ({ claim }) => claim.source,
        (source, mine) => {
          const { due, reclaims, confirmed, entries, dead } = keys(source);
          return ask(
            working.hooksSettle(5, due, reclaims, confirmed, entries, dead, ...mine.flatMap(settleArguments)),
          );
        },
      ).then((recorded) => recorded.map((one) => one === 1)),
    wait: (request) => arrivals.wait(request),
    depth: async (source) => {
      const { entries, dead } = keys(source);
      const [waiting, buried] = await ask(Promise.all([working.xlen(entries), working.xlen(dead)]));
      return { waiting, dead: buried };
    },
    deadLetters: async ({ source, limit, after }) => {
      const from = after === undefined ? "-" : `(${after}`;
      const rows = await ask(working.xrangeBuffer(keys(source).dead, from, "+", "COUNT", limit));
      return rows.map((row) => toDeadLetter(source, row));
    },
    requeue: ({ source, keys: chosen }) => {
      const { entries, dead, confirmed } = keys(source);
      return ask(working.hooksRequeue(3, entries, dead, confirmed, ...chosen));
    },
    selfCheck: () => ask(whenReady(working).then(checkRedis)),
    close: async () => {
      arrivals.close();
      accepting.disconnect();
      working.disconnect();
    },
  };
}

function settleArguments(settlement: Settlement): (string | number)[] {
  const { kind, claim } = settlement;
  const start = [kind, claim.key, claim.attempt];
  switch (kind) {
    case "done":
      return [...start, "[]", 0, ""];
    case "retry":
      return [...start, JSON.stringify(settlement.confirmed), settlement.dueAtMs, ""];
    case "dead":
      return [...start, JSON.stringify(settlement.confirmed), settlement.nowMs, settlement.reason];
  }
}

/** Calls `run` once per source and puts the results back in the order of `items`. */
async function perSource<Item, Result>(
  items: readonly Item[],
  sourceOf: (item: Item) => string,
  run: (source: string, items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const groups = Map.groupBy(items, sourceOf);
  if (groups.size === 1) for (const [source, mine] of groups) return run(source, mine);
  const results = new Map<Item, Result | undefined>();
  await Promise.all(
    [...groups].map(async ([source, mine]) => {
      const replies = await run(source, mine);
      mine.forEach((item, index) => results.set(item, replies[index]));
    }),
  );
  // Every item is in exactly one group, and a script replies to each.
  return items.map((item) => results.get(item) as Result);
}

function rememberKeys(prefix: string): (source: string) => InboxKeys {
  const known = new Map<string, InboxKeys>();
  return (source) => {
    const keys = known.get(source) ?? inboxKeys(prefix, source);
    if (!known.has(source)) known.set(source, keys);
    return keys;
  };
}

/** Resolves once the client may be used; rejects when that takes longer than three seconds. */
function whenReady(client: InboxClient): Promise<InboxClient> {
  return new Promise((resolve, reject) => {
    if (client.status === "ready") return resolve(client);
    if (client.status === "end") return reject(new Error("The connection is closed"));
    const timer = setTimeout(() => reject(new Error("Redis is not reachable")), 3_000);
    client.once("ready", () => {
      clearTimeout(timer);
      resolve(client);
    });
  });
}
