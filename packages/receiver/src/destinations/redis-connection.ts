import { Redis } from "ioredis";

export interface RedisConnectionOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** How long Redis may take to answer. Default 2,000 ms. */
  readonly commandTimeoutMs?: number;
}

/** A connection that comes back by itself. */
export interface RedisConnection {
  readonly client: Redis;
  /**
   * Resolves once commands can be sent: a process that has just begun must not count as a failed attempt. Rejects when
   * there is no connection within `commandTimeoutMs`.
   */
  ready(): Promise<void>;
}

export function connectRedis({ url, commandTimeoutMs = 2_000 }: RedisConnectionOptions): RedisConnection {
  const client = new Redis(url, {
    connectionName: "hooks-destination",
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    socketTimeout: 5_000,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  });
  // Every command reports its own failure; without a listener the same failure would end the process.
  client.on("error", () => {});
  const connected = () =>
    new Promise<boolean>((resolve) => {
      const end = (isReady: boolean) => {
        clearTimeout(timer);
        client.off("ready", succeed);
        resolve(isReady);
      };
      const succeed = () => end(true);
      const timer = setTimeout(end, commandTimeoutMs, false);
      client.once("ready", succeed);
    });
  // One listener for all that wait.
  let waiting: Promise<boolean> | undefined;
  return {
    client,
    ready: async () => {
      if (client.status === "ready") return;
      waiting ??= connected().finally(() => (waiting = undefined));
      if (!(await waiting)) throw new Error("Redis is not connected");
    },
  };
}
