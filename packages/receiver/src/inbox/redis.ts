import {
  type Claim,
  type ClaimRequest,
  type Inbox,
  type InboxLimits,
  inboxLimits,
  InboxUnavailable,
  type Settlement,
} from "../inbox.ts";
import { advancedBy } from "./advanced-by.ts";
import { claimedUntilMs } from "./claimed-until.ts";
import { createAccepting } from "./redis-accept.ts";
import { createArrivals } from "./redis-arrivals.ts";
import { checkRedis } from "./redis-check.ts";
import { ask as askWithin, connectInbox, type InboxClient } from "./redis-client.ts";
import { type IndexKeys, indexKeys } from "./redis-index.ts";
import { createLog } from "./redis-log.ts";
import { toClaimedEntries } from "./redis-rows.ts";
import { destinationList, inboxKeys, type InboxKeys } from "./redis-scripts.ts";
import { isConnected, readPlace, type RedisClient, type RedisPlace } from "../redis/connect-redis.ts";
import type { RedisTarget } from "../redis/redis-url.ts";

export { connectRedis, type RedisPlace } from "../redis/connect-redis.ts";
export { parseRedisUrl } from "../redis/redis-url.ts";

export type RedisInboxOptions = RedisInboxSettings & (AtUrl | AtPlace);

interface AtUrl {
  /**
   * `redis://` or `rediss://` (TLS), with user and password when needed; of a cluster some of its nodes and
   * `?cluster=true` (`redis://a:6379,b:6379?cluster=true`), or sentinels and `?sentinel=NAME`.
   */
  readonly url: string;
  readonly redis?: undefined;
}

interface AtPlace {
  /** Instead of `url`: such a URL, what `parseRedisUrl` read from one, or a client whose settings the inbox's own connections take over. */
  readonly redis: RedisPlace;
  readonly url?: undefined;
}

export interface RedisInboxSettings extends InboxLimits {
  /** What all keys begin with. Default `hooks`. */
  readonly prefix?: string;
  /**
   * How long Redis may take to accept. Default 500 ms: senders are told within a second. Everything else has two seconds, or
   * this where it is more.
   */
  readonly commandTimeoutMs?: number;
  /**
   * Replicas that must have an event before it counts as accepted. One `WAIT` covers all events of a round trip. Default:
   * what the URL says (`?replicas=1`), else 0.
   */
  readonly replicas?: number;
  /** For tests: Unix milliseconds that leases and waits go by. Default: the clock of Redis, which all processes share. */
  readonly clock?: () => number;
}

/** How long every other verb than accepting may take, unless accepting may take longer. */
const leastWorkTimeoutMs = 2_000;

/**
 * An inbox in Redis 7 or later, for any number of processes. One script deduplicates and enqueues what arrived in the
 * same turn of the event loop. Accepting, claiming and blocking reads use connections of their own.
 *
 * Redis must run with `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`; `selfCheck` tells.
 */
export function createRedisInbox(options: RedisInboxOptions): Inbox {
  const place = readPlace(options.redis ?? options.url);
  const { prefix = "hooks", commandTimeoutMs: timeoutMs = 500, replicas = replicasOf(place) } = options;
  const workTimeoutMs = Math.max(leastWorkTimeoutMs, timeoutMs);
  const limits = { ...inboxLimits, ...options };
  const client = connectInbox(place, { connectionName: "hooks-accept", commandTimeout: timeoutMs });
  const working = connectInbox(place, { connectionName: "hooks-work", commandTimeout: workTimeoutMs });
  const index = client.isCluster ? undefined : indexKeys(prefix);
  const keys = rememberKeys(prefix, index);
  const now = () => options.clock?.() ?? "";
  const ask = <T>(reply: Promise<T>) => askWithin(reply, { client: working, timeoutMs: workTimeoutMs });
  const look = (ready: string) => ask(working.hooksDue(1, ready, now()));
  const arrivals = createArrivals({ place, index, look });

  return {
    failsBySource: client.isCluster,
    ...createAccepting({ client, keys, limits, replicas, timeoutMs, onAccepted: arrivals.accepted }),
    claim: async (request) => {
      const { source, destination } = request;
      const { entries, adopted, destinations, lane, index: indexNames, indexedAs } = keys(source);
      const { cursor, due, reclaims, next, last } = lane(destination);
      const names = [entries, adopted, destinations, cursor, due, reclaims, next, last, ...indexNames];
      const args = [now(), ...claimArguments(request), indexedAs];
      const reply = await ask(working.hooksClaimBuffer(names.length, ...names, ...args));
      if (reply[0] === 0) arrivals.left(source);
      return toClaimedEntries(request, reply);
    },
    renew: ({ claims, leaseMs }) =>
      inGroups(claims, laneOf, (mine, { source, destination }) => {
        const { due, reclaims } = keys(source).lane(destination);
        const args = mine.flatMap(({ key, attempt }) => [key, attempt]);
        return ask(working.hooksRenew(2, due, reclaims, now(), leaseMs, ...args));
      }).then((held) => held.map((one) => one === 1)),
    settle: (settlements) =>
      inGroups(
        settlements,
        ({ claim }) => laneOf(claim),
        (mine, { claim: { source, destination } }) => {
          const { entries, adopted, through, dead, done, lane, index: indexNames, indexedAs } = keys(source);
          const { due, reclaims, next, last } = lane(destination);
          const names = [due, reclaims, next, last, entries, adopted, through, dead, done, ...indexNames];
          const args = [now(), destination, limits.keptEvents, indexedAs, ...mine.flatMap(settleArguments)];
          return ask(working.hooksSettle(names.length, ...names, ...args));
        },
      ).then((recorded) => {
        for (const source of advancedBy(settlements)) arrivals.left(source);
        return recorded.map((one) => one === 1);
      }),
    due: (sources) => arrivals.due(sources),
    wait: (request) => arrivals.wait(request),
    depth: async (source) => {
      const { entries, dead } = keys(source);
      const [waiting, buried] = await ask(Promise.all([working.xlen(entries), working.xlen(dead)]));
      return { waiting, dead: buried };
    },
    owed: (source) => ask(working.smembers(keys(source).destinations)),
    ...createLog({ client: working, keys, ask }),
    selfCheck: async () => {
      await Promise.all([waitFor(client), waitFor(working)]);
      // Each connection may lead to another server: the one that counts takes the events.
      const check = () =>
        askWithin(checkRedis(client, { replicas, nowMs: Date.now() }), { client, timeoutMs: workTimeoutMs });
      // Its commands have the patience of a sender, which a process that has just begun may be too busy for.
      return check().catch(check);
    },
    onReconnect: client.onReconnect,
    close: async () => {
      arrivals.close();
      client.disconnect();
      working.disconnect();
    },
  };
}

/** Of what a URL demands. */
function replicasOf(place: RedisTarget | RedisClient): number {
  return "kind" in place ? (place.replicas ?? 0) : 0;
}

function claimArguments(request: ClaimRequest): (string | number)[] {
  const { leaseMs, limit, destination, routes } = request;
  return [leaseMs, limit, destination, destinationList(routes), claimedUntilMs(request) ?? ""];
}

function settleArguments(settlement: Settlement): (string | number)[] {
  const { kind, claim } = settlement;
  const start = [kind, claim.key, claim.attempt, claim.shares, claim.subject ?? ""];
  switch (kind) {
    case "done":
      return [...start, 0, ""];
    case "retry":
      return [...start, settlement.delayMs, ""];
    case "dead":
      return [...start, 0, settlement.reason];
  }
}

/** What one script call can be about. */
function laneOf({ source, destination }: Pick<Claim, "source" | "destination">): string {
  return `${source} ${destination}`;
}

/** Calls `run` once for all items of a group and one of them, and puts the results back in the order of `items`. */
async function inGroups<Item, Result>(
  items: readonly Item[],
  groupOf: (item: Item) => string,
  run: (items: readonly Item[], one: Item) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const groups = [...Map.groupBy(items, groupOf).values()];
  const [first] = items;
  if (groups.length === 1 && first !== undefined) return run(items, first);
  const results = new Map<Item, Result | undefined>();
  await Promise.all(
    groups.map(async (mine) => {
      const [one] = mine;
      if (one === undefined) return;
      const replies = await run(mine, one);
      mine.forEach((item, index) => results.set(item, replies[index]));
    }),
  );
  // Every item is in exactly one group, and a script replies to each.
  return items.map((item) => results.get(item) as Result);
}

function rememberKeys(prefix: string, index: IndexKeys | undefined): (source: string) => InboxKeys {
  const known = new Map<string, InboxKeys>();
  return (source) => {
    const keys = known.get(source) ?? inboxKeys(prefix, source, index);
    if (!known.has(source)) known.set(source, keys);
    return keys;
  };
}

/** @throws InboxUnavailable where there is no connection within 3 seconds, or none any more. */
async function waitFor(client: InboxClient): Promise<void> {
  if (client.status !== "end" && (await isConnected(client, 3_000))) return;
  throw new InboxUnavailable(client.describeProblem(new Error("it is not connected")));
}
