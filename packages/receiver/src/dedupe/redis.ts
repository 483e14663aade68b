import type { Cluster, Redis } from "ioredis";
import { dedupeKey } from "../core/dedupe-key.ts";
import { type Begun, type BegunEvent, type Dedupe, rememberMs as defaultRememberMs } from "../dedupe.ts";
import { clockScript } from "../redis/clock-script.ts";
import { connectRedis, type RedisClient } from "../redis/connect-redis.ts";
import { describeProblem } from "../redis/redis-problem.ts";

export interface RedisDedupeOptions {
  /** A URL as an inbox in Redis takes it, also of a cluster; or a client of the application, which then stays open. */
  readonly redis: string | Redis | Cluster;
  /** What its keys begin with. Default `hooks`. */
  readonly prefix?: string;
  /** How long a handled event is remembered. Default 7 days. */
  readonly rememberMs?: number;
  /** Default 500 ms. Of a client of the application its own counts. */
  readonly commandTimeoutMs?: number;
  /** For tests: Unix milliseconds that leases go by. Default: the clock of Redis, which all processes share. */
  readonly clock?: () => number;
}

/**
 * Begins an event. The value of a key is `attempt:until`, the attempt and the ms until which it is being handled, or
 * `attempt:handled`.
 * KEYS  event; ARGV  now ms or '' (that of Redis), lease ms, remember ms; gives the attempt, 0 when busy, -1 when handled
 */
const beginScript = `${clockScript}
local now = tonumber(ARGV[1]) or clock()
local attempt, state = string.match(redis.call('GET', KEYS[1]) or '0:0', '^(%d+):(%w+)$')
if state == 'handled' then return -1 end
if tonumber(state) > now then return 0 end
local value = string.format('%d:%.0f', attempt + 1, now + ARGV[2])
redis.call('SET', KEYS[1], value, 'PX', ARGV[3])
return attempt + 1`;

/**
 * Ends a beginning.
 * KEYS  event; ARGV  attempt, state, remember ms; gives 1 when it still held
 */
const endScript = `
local attempt, state = string.match(redis.call('GET', KEYS[1]) or '0:0', '^(%d+):(%w+)$')
if attempt ~= ARGV[1] or state == 'handled' then return 0 end
redis.call('SET', KEYS[1], attempt .. ':' .. ARGV[2], 'PX', ARGV[3])
return 1`;

interface Scripts extends Pick<Redis, "disconnect"> {
  hooksBegin(...args: readonly (string | number)[]): Promise<number>;
  hooksEnd(...args: readonly (string | number)[]): Promise<number>;
}

const connection = { connectionName: "hooks-dedupe", enableAutoPipelining: true };

/** Remembers in Redis, for any number of processes. */
export function createRedisDedupe(options: RedisDedupeOptions): Dedupe {
  const { redis, prefix = "hooks", rememberMs = defaultRememberMs, commandTimeoutMs = 500 } = options;
  const isClient = typeof redis === "object" && redis !== null;
  const connected = isClient
    ? redis
    : connectRedis(redis, { ...connection, commandTimeout: commandTimeoutMs });
  const client = withScripts(connected);
  const explain = (error: unknown) => {
    throw new Error(describeProblem(connected, error));
  };
  const keyOf = (source: string, eventId: string) => `${prefix}:{${source}}:handled:${dedupeKey(eventId)}`;
  const end = async ({ source, eventId, attempt }: BegunEvent, state: string) =>
    (await client.hooksEnd(keyOf(source, eventId), attempt, state, rememberMs).catch(explain)) === 1;
  return {
    begin: async ({ source, eventId, leaseMs }) => {
      const nowMs = options.clock?.() ?? "";
      return toBegun(
        await client.hooksBegin(keyOf(source, eventId), nowMs, leaseMs, rememberMs).catch(explain),
      );
    },
    finish: (begun) => end(begun, "handled"),
    release: (begun) => end(begun, "0"),
    close: async () => {
      if (!isClient) client.disconnect();
    },
  };
}

function toBegun(attempt: number): Begun {
  if (attempt > 0) return { kind: "begun", attempt };
  return { kind: attempt === 0 ? "busy" : "handled" };
}

function withScripts(client: RedisClient): Scripts {
  client.defineCommand("hooksBegin", { lua: beginScript, numberOfKeys: 1 });
  client.defineCommand("hooksEnd", { lua: endScript, numberOfKeys: 1 });
  // `defineCommand` adds the methods that the interface declares.
  return client as unknown as Scripts;
}
