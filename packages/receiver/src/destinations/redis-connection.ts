import { connectRedis, isConnected, type RedisClient } from "../redis/connect-redis.ts";
import { describeProblem } from "../redis/redis-problem.ts";

export interface RedisConnectionOptions {
  /**
   * `redis://` or `rediss://` (TLS), with user and password when needed; of a cluster some of its nodes and
   * `?cluster=true` (`redis://a:6379,b:6379?cluster=true`), or sentinels and `?sentinel=NAME`.
   */
  readonly url: string;
  /** How long Redis may take to answer. Default 2,000 ms. */
  readonly commandTimeoutMs?: number;
}

/** A connection that comes back by itself. */
export interface RedisConnection {
  readonly client: RedisClient;
  /**
   * Resolves once commands can be sent: a process that has just begun must not count as a failed attempt. Rejects when
   * there is no connection within `commandTimeoutMs`.
   */
  ready(): Promise<void>;
}

export function connectDestination({
  url,
  commandTimeoutMs = 2_000,
}: RedisConnectionOptions): RedisConnection {
  const client = connectRedis(url, {
    connectionName: "hooks-destination",
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    enableAutoPipelining: true,
  });
  // One listener for all that wait.
  let waiting: Promise<boolean> | undefined;
  return {
    client,
    ready: async () => {
      if (client.status === "ready") return;
      waiting ??= isConnected(client, commandTimeoutMs).finally(() => (waiting = undefined));
      if (!(await waiting)) throw new Error(describeProblem(client, new Error("it is not connected")));
    },
  };
}
